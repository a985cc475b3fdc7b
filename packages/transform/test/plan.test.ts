import { readFileSync } from 'node:fs';
import { sourceOf, tensorDigest } from '@cairn/bytes';
import { indexCheckpoint } from '@cairn/ckpt-format';
import type { Layout } from '@cairn/strategy';
import { replicated } from '@cairn/strategy';
import { describe, expect, test } from 'vitest';
import type { Arrangement, PlannedFile, TransformPlan } from '../src/index.ts';
import { isTransformError, planTransform, unifiedIndex } from '../src/index.ts';
import type { MemoryCheckpoint } from './in-memory.ts';
import { contentsOf, fileOf, numbered, sourcesOf, transformed } from './in-memory.ts';

const OUTPUT = { prefix: 'x_', format: 'ckpt' } as const;

function cut(map: readonly number[], devices: number): Layout {
  return { deviceMatrix: [devices], tensorMap: map, optimizerShardSize: 0, optimizerShardStep: 0 };
}

function arrangement(devices: number, layouts: Readonly<Record<string, Layout>>): Arrangement {
  const tensors = Object.entries(layouts).map(([name, layout]) => [name, [{ stage: 0, layout }]] as const);
  return { devices, stages: 1, tensors: new Map(tensors) };
}

const ROWS = arrangement(2, { w: cut([0, -1], 2) });
const COLUMNS = arrangement(2, { w: cut([-1, 0], 2) });

/** Two ranks with the rows of `w`, and numbers. */
async function rowsOfW(...left: readonly number[]): Promise<MemoryCheckpoint> {
  const files = new Map<number, Uint8Array>();
  for (const rank of [0, 1]) {
    const entries = left.includes(rank) ? [] : [numbered('w', 'Float32', [2, 6], rank)];
    files.set(rank, await fileOf([...entries, numbered('step', 'Int64', [])]));
  }
  return files;
}

async function planOf(files: MemoryCheckpoint, from: Arrangement, to: Arrangement | null): Promise<TransformPlan> {
  return planTransform({ sources: await sourcesOf(files), from, to, output: OUTPUT });
}

async function refusal(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isTransformError(error)) throw new Error(`not refused: ${String(error)}`);
  return { code: error.code, message: error.message };
}

describe('what a plan refuses', () => {
  test('elements that no file holds: rank, tensor and range are named', async () => {
    expect(await refusal(planOf(await rowsOfW(1), ROWS, COLUMNS))).toEqual({
      code: 'incomplete',
      message: expect.stringContaining('rank 0: w [2:4, 0:3] of [0:4, 0:6] is held by no source file: not by rank 1'),
    });
  });

  test('strategies of another model', async () => {
    const other = arrangement(2, { v: cut([0, -1], 2) });
    expect(await refusal(planOf(await rowsOfW(), other, null))).toMatchObject({ code: 'nothing-in-common' });
  });

  test('a destination that the shape does not divide into, with the tensor', async () => {
    const fourWays = arrangement(4, { w: cut([-1, 0], 4) });
    const { code, message } = await refusal(planOf(await rowsOfW(), ROWS, fourWays));
    expect([code, message]).toEqual(['refused', expect.stringMatching(/^w: the destination strategy does not fit: /)]);
  });

  test('files of one tensor that disagree about it', async () => {
    const files = new Map(await rowsOfW()).set(1, await fileOf([numbered('w', 'Float16', [2, 6])]));
    const { code, message } = await refusal(planOf(files, ROWS, null));
    expect([code, message]).toEqual(['inconsistent', expect.stringContaining('Float32[2,6] in rank_0')]);
  });
});

describe('copies of a slice', () => {
  const replicas = arrangement(4, { w: replicated(2, [4]) });
  const files = async (...left: readonly number[]): Promise<MemoryCheckpoint> => {
    const entries = new Map<number, Uint8Array>();
    for (const rank of [0, 1, 2, 3]) {
      const w = left.includes(rank) ? [] : [numbered('w', 'Float32', [4, 4])];
      entries.set(rank, await fileOf([...w, numbered('step', 'Int64', [])]));
    }
    return entries;
  };
  const sourcesFor = ({ files: planned }: TransformPlan): readonly number[] =>
    planned.flatMap(({ entries }) =>
      entries.flatMap((e) => (e.kind === 'tensor' && e.name === 'w' ? e.takes.map(({ from }) => from.source) : [])),
    );

  test('are read by turns, one for each rank', async () => {
    expect(sourcesFor(await planOf(await files(), replicas, replicas))).toEqual([0, 1, 2, 3]);
  });

  test('stand in for each other where files lack them (remove_redundancy)', async () => {
    expect(sourcesFor(await planOf(await files(0, 1, 3), replicas, replicas))).toEqual([2, 2, 2, 2]);
  });
});

describe('what passes through, and what is said of it', () => {
  test('numbers quietly, tensors with a warning, each kind by itself', async () => {
    const names = ['w', 'only_source', 'only_destination', 'frozen'];
    const files = new Map<number, Uint8Array>();
    for (const rank of [0, 1]) {
      const entries = names.map((name) => numbered(name, 'Int8', [4], name === 'only_destination' ? 0 : rank));
      files.set(rank, await fileOf([...entries, numbered('step', 'Int64', [])]));
    }
    const from = arrangement(2, { w: cut([0], 2), only_source: cut([0], 2), lost: cut([0], 2) });
    const to = arrangement(2, { w: replicated(1, [2]), only_destination: cut([0], 2), lost: cut([0], 2) });
    const { plan, files: written } = await transformed(files, { from, to });
    expect(Object.fromEntries(plan.notes.map(({ code, tensors }) => [code, tensors]))).toEqual({
      'passed-scalar': ['step'],
      'passed-unlisted': ['frozen'],
      'passed-unmerged': ['only_source'],
      'passed-whole': ['only_destination'],
      'listed-not-found': ['lost'],
    });
    expect(plan.notes.filter(({ isWarning }) => isWarning)).toHaveLength(4);
    const rank1 = await contentsOf(written.get(1)!);
    expect([...rank1.keys()]).toEqual(['w', 'only_source', 'only_destination', 'frozen', 'step']);
    expect(rank1.get('only_source')).toEqual((await contentsOf(files.get(1)!)).get('only_source'));
  });

  test('texts go to a .ckpt, and are left out of safetensors', async () => {
    const entries = [numbered('w', 'Float32', [2, 6]), { kind: 'text', name: 'note', text: 'ok' } as const];
    const files = new Map([[0, await fileOf(entries)]]);
    const kept = await transformed(files, { from: null, to: null });
    expect(Buffer.from(kept.files.get(0)!).equals(files.get(0)!)).toBe(true);
    const { plan } = await transformed(files, { from: null, to: COLUMNS, format: 'safetensors' });
    expect(plan.notes.map(({ code }) => code)).toEqual(['left-out']);
  });
});

test('a plan is plain data: it survives JSON', async () => {
  const plan = await planOf(await rowsOfW(), ROWS, COLUMNS);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

test('bfloat16 of MindSpore 2.2, stored as float32, becomes bfloat16', async () => {
  const golden = new URL('../../../conformance/golden/ckpt/old_bf16.ckpt', import.meta.url);
  const files = new Map([[0, new Uint8Array(readFileSync(golden))]]);
  const { files: written, digests } = await transformed(files, { from: null, to: null });
  const [before, after] = [await contentsOf(files.get(0)!), await contentsOf(written.get(0)!)];
  expect(after).toEqual(before);
  const { entries } = await indexCheckpoint(sourceOf(written.get(0)!), 'ckpt');
  const stored = entries.find((entry) => entry.kind === 'tensor' && entry.dtype === 'BFloat16');
  expect(stored).toMatchObject({ storedAs: 'BFloat16' });
  const { content, shape } = after.get(stored!.name)!;
  expect(digests.get(0)!.get(stored!.name)!.digest).toBe(tensorDigest('BFloat16', shape, content));
});

test('unified parts are of about equal size, the largest tensors first; what is not listed lies apart', async () => {
  const sizes = [64, 8, 16, 32, 24];
  const layouts = Object.fromEntries(sizes.map((_, i) => [`w${i}`, replicated(1, [1])]));
  const entries = sizes.map((size, i) => numbered(`w${i}`, 'Int8', [size]));
  const files = new Map([[0, await fileOf([...entries, numbered('step', 'Int64', [])])]]);
  const from = arrangement(1, layouts);
  const output = { prefix: 'x_', format: 'safetensors', unifiedPartBytes: 72 } as const;
  const { files: parts } = planTransform({ sources: await sourcesOf(files), from, to: null, output });
  const namesOf = ({ name, entries: held }: PlannedFile): unknown => [name, held.map((entry) => entry.name)];
  expect(parts.map(namesOf)).toEqual([
    ['part0.safetensors', ['w0', 'w1']],
    ['part1.safetensors', ['w3', 'w4', 'w2']],
    ['hyper_param.safetensors', ['step']],
  ]);
  expect(JSON.parse(unifiedIndex(parts))).toMatchObject({
    metadata: { total_size: 144 },
    weight_map: { w0: 'part0.safetensors', w4: 'part1.safetensors' },
  });
});
