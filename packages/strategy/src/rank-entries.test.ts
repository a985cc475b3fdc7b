import { expect, test } from 'vitest';
import type { InventoryEntry } from './inventory.ts';
import { replicated } from './layout.ts';
import { ALONE } from './parallel-spec.ts';
import { entriesOfRank } from './rank-entries.ts';
import { sliceOf } from './slice.ts';

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

test('each entry has the slice of its own layout and shape, whatever lies beside it', () => {
  const wide = { ...split, deviceMatrix: [2, 2] };
  const layouts = [
    wide,
    { ...wide, tensorMap: [1, -1] },
    { ...wide, tensorMap: [-1, 0] },
    { ...wide, tensorMap: [[0, 1], -1] },
    { ...wide, tensorMap: [0, 1] },
    { ...wide, optimizerShardSize: 2, optimizerShardStep: 2 },
    { ...wide, deviceMatrix: [4] },
    { ...wide, deviceMatrix: [1, 4] },
  ];
  const shapes = [
    [8, 4],
    [4, 8],
  ];
  const inventory = layouts.flatMap((layout) => shapes.map((shape) => ({ ...weight, layout, shape, stages: [0] })));
  for (let rank = 0; rank < 4; rank++) {
    const held = entriesOfRank(inventory, { ...ALONE, dataParallel: 2, modelParallel: 2 }, rank);
    expect(held.map(({ box }) => box)).toEqual(inventory.map(({ layout, shape }) => sliceOf(layout, shape, rank)));
  }
});
