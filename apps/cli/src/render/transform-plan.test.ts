import type { Transformation } from '@cairn/runtime/transform';
import type { PlannedFile } from '@cairn/transform';
import { expect, test } from 'vitest';
import { planLines } from './transform-plan.ts';

const SPACE = { wantedBytes: 2048, freeBytes: 1024, memoryBytes: 64 * 2 ** 20 };

/** A file with a tensor from each of some source ranks, and a number. */
function fileFrom(rank: number, ...ranks: readonly number[]): PlannedFile {
  const box = [[0, 1]] as const;
  const tensor = (source: number, passed: 'unlisted' | null) => {
    const takes = [{ from: { source, box, chunks: [], storedAs: 'Int8' as const }, box }];
    return { kind: 'tensor', name: `w${source}`, dtype: 'Int8', shape: [1], full: [1], box, takes, passed } as const;
  };
  const entries = [...ranks.map((each) => tensor(each, null)), tensor(ranks[0] ?? 0, 'unlisted')];
  return { rank, name: `rank_${rank}/x_${rank}.ckpt`, format: 'ckpt', bytes: 1024, entries };
}

function transformationOf(files: readonly PlannedFile[], sources: number): Transformation {
  const side = { runId: '', parentRun: null, step: 0, epoch: 0, dataSteps: 0, sinkSize: null };
  return {
    plan: {
      sources: Array.from({ length: sources }, (_, rank) => {
        return { path: `rank_${rank}/x.ckpt`, rank, format: 'ckpt', bytes: 1024, stamp: '' };
      }),
      files,
      notes: [{ code: 'passed-scalar', message: 'taken over', tensors: ['a', 'b', 'c', 'd', 'e'], isWarning: false }],
      cost: { readBytes: 4096, writeBytes: 2048, openFiles: 2 },
    },
    destination: 'dst',
    texts: {},
    id: '',
    side: { ...side, lossScale: { scale: 1, currentStep: 0, lastChangeStep: 0 } },
    warnings: ['look out'],
  };
}

test('what it costs, each file in a row, who feeds whom, and what is to be known', () => {
  expect(planLines(transformationOf([fileFrom(0, 0, 1, 2), fileFrom(1, 3)], 4), SPACE)).toEqual([
    '4 source files → 2 files in dst',
    'reads 4.0 KiB, writes 2.0 KiB, opens up to 2 source files at once, holds about 64.0 MiB of memory',
    'needs 2.0 KiB of disk, 1.0 KiB are free: not enough, apply will refuse',
    '',
    'file             size     entries  cut  as stored  from ranks',
    'rank_0/x_0.ckpt  1.0 KiB        4    3          1  0-2',
    'rank_1/x_1.ckpt  1.0 KiB        2    1          1  3',
    '',
    'to 0123  ← from rank',
    ' 0 ■■■·',
    ' 1 ···■',
    '',
    'warning: look out',
    'note: 5 entries taken over: a, b, c, d, …',
  ]);
});

test('of many files the first and the last are shown', () => {
  const files = Array.from({ length: 100 }, (_, rank) => fileFrom(rank, rank));
  const lines = planLines(transformationOf(files, 100), SPACE);
  expect(lines.filter((line) => line.startsWith('rank_'))).toHaveLength(32);
  expect(lines).toContain('… 68 more files');
  expect(lines.some((line) => line.startsWith('rank_99/'))).toBe(true);
});
