import type { TensorEntry } from '@cairn/ckpt-format';
import { expect, test } from 'vitest';
import { differenceLines } from './difference.ts';

const entry: TensorEntry = {
  kind: 'tensor',
  name: 'w',
  dtype: 'Float32',
  shape: [4],
  chunks: [],
  bytes: 16,
  storedAs: 'Float32',
};
const numbers = { first: 1, maxAbsolute: 0.5, maxRelative: 1 / 3, notFinite: 0 };

test('values within the tolerance are told apart from those beyond it', () => {
  const entries = [
    { kind: 'values', name: 'v', entry, elements: 4, ...numbers, differing: 0, first: null },
    { kind: 'values', name: 'w', entry, elements: 4, ...numbers, differing: 2, notFinite: 1 },
  ] as const;
  const difference = { equal: false, same: 3, sameOrder: true, entries };
  expect(differenceLines({ a: 'a', b: 'b', tolerance: 0.1, difference })).toEqual([
    'v: within the tolerance, values differ at most by 0.5 (relative 0.333)',
    'w: 2 of 4 values differ from element 1 on, 1 of them infinite or NaN, at most by 0.5 (relative 0.333)',
    'different: 1 of 5 entries',
  ]);
});

test('kinds and texts', () => {
  const text = { kind: 'text', name: 'note', text: 'x' } as const;
  const entries = [
    { kind: 'form', name: 'note', a: text, b: entry },
    { kind: 'text', name: 'said', a: 'yes', b: 'n'.repeat(100) },
    { kind: 'only-in-b', name: 'new', entry: text },
  ] as const;
  const difference = { equal: false, same: 0, sameOrder: false, entries };
  expect(differenceLines({ a: 'a', b: 'b', tolerance: 0, difference })).toEqual([
    'note: a text and Float32 [4]',
    `said: "yes" and "${'n'.repeat(60)}…"`,
    'new: only in b, a text',
    'the entries stand in another order, which is no difference',
    'different: 3 of 3 entries',
  ]);
});
