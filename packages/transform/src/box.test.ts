import { expect, test } from 'vitest';
import { boxElements, boxText, intersection, uncovered } from './box.ts';

const BOX = [
  [0, 8],
  [0, 4],
] as const;

test('what boxes share', () => {
  expect(
    intersection(BOX, [
      [6, 10],
      [1, 2],
    ]),
  ).toEqual([
    [6, 8],
    [1, 2],
  ]);
  expect(
    intersection(BOX, [
      [8, 10],
      [1, 2],
    ]),
  ).toBeNull();
  expect(intersection([], [])).toEqual([]);
});

test('what parts do not cover is named', () => {
  const gap = uncovered(BOX, [
    [
      [0, 4],
      [0, 4],
    ],
    [
      [4, 8],
      [0, 3],
    ],
  ]);
  expect(gap.map(boxText)).toEqual(['[4:8, 3:4]']);
  expect(
    uncovered(BOX, [
      [
        [0, 5],
        [0, 4],
      ],
      [
        [3, 8],
        [0, 4],
      ],
    ]),
  ).toEqual([]);
});

test('a scalar has one element, an empty tensor none', () => {
  expect([
    boxElements([]),
    boxElements([
      [0, 0],
      [0, 4],
    ]),
  ]).toEqual([1, 0]);
});
