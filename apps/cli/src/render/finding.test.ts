import type { FileVerdict } from '@cairn/ckpt-format/folder';
import { expect, test } from 'vitest';
import type { Finding } from '../checkpoints/verify-path.ts';
import { findingJson, findingLines } from './finding.ts';

const WHOLE: FileVerdict = {
  whole: true,
  flaws: [],
  structure: true,
  crc: 'absent',
  tensors: 3,
  digested: 0,
  position: { step: 4, epoch: 2, globalBatchSize: null, lossScale: null },
};

function checkpoint(verdict: Partial<FileVerdict>, side: 'used' | 'absent' | 'damaged' = 'absent'): Finding {
  return { kind: 'checkpoint', file: 'x.ckpt', format: 'ckpt', verdict: { ...WHOLE, ...verdict }, side };
}

test('a file is whole as far as it was proven, and no further', () => {
  expect(findingLines(checkpoint({}))).toEqual(['x.ckpt: whole: structure only; no CRC, no side file']);
  expect(findingLines(checkpoint({ crc: 'ok', digested: 2 }, 'used'))).toEqual([
    'x.ckpt: whole: structure, CRC, digests of 2 of 3 tensors',
  ]);
  expect(findingLines(checkpoint({ position: null }, 'used'))[0]).toContain('no step_num');
});

test('a flaw has its tensor and byte once', () => {
  const flaws = [
    { why: 'w is damaged', tensor: 'w', byte: 80 },
    { why: 'byte 12: bad', tensor: 'v', byte: 12 },
    { why: 'its CRC does not fit', tensor: null, byte: null },
  ];
  expect(findingLines(checkpoint({ whole: false, flaws }))).toEqual([
    'x.ckpt: damaged',
    '  w is damaged (from byte 80 on)',
    '  byte 12: bad (tensor v)',
    '  its CRC does not fit',
  ]);
});

test('what is wrong beside checkpoints is not ok, what has only to be known is', () => {
  const problem = { kind: 'problem', file: 'meta.json', why: 'it is not JSON' } as const;
  const notice = { kind: 'notice', file: 'a.tmp', why: 'left' } as const;
  expect([problem, notice].flatMap(findingLines)).toEqual(['meta.json: wrong: it is not JSON', 'a.tmp: note: left']);
  expect([problem, notice].map(findingJson)).toEqual([
    { file: 'meta.json', ok: false, problem: 'it is not JSON' },
    { file: 'a.tmp', ok: true, notice: 'left' },
  ]);
  expect(findingJson(checkpoint({}))).toEqual({
    file: 'x.ckpt',
    ok: true,
    format: 'ckpt',
    structure: true,
    crc: 'absent',
    side: 'absent',
    tensors: 3,
    digested: 0,
    step: 4,
    flaws: [],
  });
});
