import { expect, test } from 'vitest';
import type { InventoryEntry } from './inventory.ts';
import { replicated } from './layout.ts';
import { ALONE } from './parallel-spec.ts';
import { entriesOfRank } from './rank-entries.ts';

const split = { deviceMatrix: [2], tensorMap: [0, -1], optimizerShardSize: 0, optimizerShardStep: 0 };
const weight: InventoryEntry = {
  name: 'w',
  shape: [6, 2],
  dtype: 'Float32',
  layout: split,
  role: 'weight',
  stages: [1],
};
const step: InventoryEntry = {
  name: 'global_step',
  shape: [1],
  dtype: 'Int32',
  layout: replicated(1, [2]),
  role: 'scalar',
  stages: [0, 1],
};
const parallel = { ...ALONE, modelParallel: 2, stages: 2 };

test("a rank's file holds the entries of its stage, each as the rank's slice", () => {
  expect(entriesOfRank([weight, step], parallel, 3)).toEqual([
    {
      entry: weight,
      shape: [3, 2],
      box: [
        [3, 6],
        [0, 2],
      ],
    },
    { entry: step, shape: [1], box: [[0, 1]] },
  ]);
  expect(entriesOfRank([weight, step], parallel, 0).map(({ entry }) => entry.name)).toEqual(['global_step']);
});

test('a tensor that does not divide is named', () => {
  const odd = { ...weight, shape: [5, 2] };
  expect(() => entriesOfRank([odd], parallel, 2)).toThrow(
    expect.objectContaining({
      code: 'not-divisible',
      message: expect.stringMatching(/^w: axis 0 of a tensor \[5, 2\]/),
    }),
  );
});
