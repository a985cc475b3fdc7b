import { expect, test } from 'vitest';
import { runsBetween } from './runs.ts';

test('rows that are whole on both sides are one run', () => {
  const box = [
    [2, 4],
    [0, 8],
  ] as const;
  expect(
    runsBetween(
      box,
      [
        [0, 4],
        [0, 8],
      ],
      [
        [2, 6],
        [0, 8],
      ],
    ),
  ).toEqual({ run: 16, loops: [], from: 16, to: 0 });
});

test('columns are a run a row', () => {
  const runs = runsBetween(
    [
      [0, 3],
      [4, 8],
    ],
    [
      [0, 3],
      [4, 8],
    ],
    [
      [0, 3],
      [0, 8],
    ],
  );
  expect(runs).toEqual({ run: 4, loops: [{ count: 3, fromStep: 4, toStep: 8 }], from: 0, to: 4 });
});

test('axes that go on where the inner one ends are one loop', () => {
  const runs = runsBetween(
    [
      [0, 2],
      [0, 3],
      [0, 1],
    ],
    [
      [0, 2],
      [0, 3],
      [0, 1],
    ],
    [
      [0, 2],
      [0, 3],
      [0, 4],
    ],
  );
  expect(runs).toEqual({ run: 1, loops: [{ count: 6, fromStep: 1, toStep: 4 }], from: 0, to: 0 });
});

test('a cut of a middle axis of three is a run for each outer index', () => {
  const runs = runsBetween(
    [
      [0, 2],
      [1, 2],
      [0, 4],
    ],
    [
      [0, 2],
      [0, 2],
      [0, 4],
    ],
    [
      [0, 2],
      [1, 2],
      [0, 4],
    ],
  );
  expect(runs).toEqual({ run: 4, loops: [{ count: 2, fromStep: 8, toStep: 4 }], from: 4, to: 0 });
});
