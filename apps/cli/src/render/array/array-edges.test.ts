import { expect, test } from 'vitest';
import { edgesOf } from './array-edges.ts';

test('up to 1000 elements all are shown, in as few runs as the last axis has rows', () => {
  expect(edgesOf([1000])).toEqual({ runs: [[0, 1000]], shape: [1000], gaps: [null] });
  expect(edgesOf([2, 3])?.runs).toEqual([
    [0, 3],
    [3, 6],
  ]);
  expect(edgesOf([])).toEqual({ runs: [[0, 1]], shape: [], gaps: [] });
});

test('of more, three at each end of every axis that is longer than six', () => {
  expect(edgesOf([1001])).toEqual({
    runs: [
      [0, 3],
      [998, 1001],
    ],
    shape: [6],
    gaps: [3],
  });
  expect(edgesOf([7, 2, 100])).toMatchObject({ shape: [6, 2, 6], gaps: [3, null, 3] });
  expect(edgesOf([7, 2, 100])?.runs.slice(-2)).toEqual([
    [1300, 1303],
    [1397, 1400],
  ]);
});

test('a tensor of very many short axes is too much', () => {
  expect(edgesOf(Array.from({ length: 20 }, () => 2))).toBeNull();
});
