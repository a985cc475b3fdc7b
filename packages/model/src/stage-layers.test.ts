import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVEN_SPLIT, layersOfStage, stageOfLayers } from './stage-layers.ts';

test('80 layers on 4 stages are 20 each', () => {
  const stageOfLayer = stageOfLayers(80, 4, EVEN_SPLIT);
  expect([0, 1, 2, 3].map((stage) => layersOfStage(stageOfLayer, stage).length)).toEqual([20, 20, 20, 20]);
  expect(layersOfStage(stageOfLayer, 1)[0]).toBe(20);
});

test('30 layers on 4 stages with one more on the two in the middle are 7, 8, 8, 7', () => {
  const stageOfLayer = stageOfLayers(30, 4, { offset: [0, 1, 1, 0], groups: 1 });
  expect([0, 1, 2, 3].map((stage) => layersOfStage(stageOfLayer, stage).length)).toEqual([7, 8, 8, 7]);
});

test('with two groups a stage has the layers of two places in the model', () => {
  const stageOfLayer = stageOfLayers(8, 2, { offset: 0, groups: 2 });
  expect(layersOfStage(stageOfLayer, 0)).toEqual([0, 1, 4, 5]);
  expect(layersOfStage(stageOfLayer, 1)).toEqual([2, 3, 6, 7]);
});

test('offsets can be given by group and stage', () => {
  const stageOfLayer = stageOfLayers(9, 2, {
    offset: [
      [1, 0],
      [0, 0],
    ],
    groups: 2,
  });
  expect(layersOfStage(stageOfLayer, 0)).toEqual([0, 1, 2, 5, 6]);
});

test('every layer is on one stage, whatever the offsets are', () => {
  const offsets = fc.integer({ min: 1, max: 5 }).chain((stages) =>
    fc.record({
      stages: fc.constant(stages),
      even: fc.integer({ min: 3, max: 9 }),
      moved: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: stages, maxLength: stages }),
    }),
  );
  fc.assert(
    fc.property(offsets, ({ stages, even, moved }) => {
      const sum = moved.reduce((a, b) => a + b, 0);
      fc.pre(sum < stages);
      const layers = even * stages + sum;
      const stageOfLayer = stageOfLayers(layers, stages, { offset: moved, groups: 1 });
      const all = moved.flatMap((_, stage) => layersOfStage(stageOfLayer, stage));
      expect(all).toEqual(Array.from({ length: layers }, (_, layer) => layer));
    }),
  );
});

test.each([
  ['layers that are left over', 30, 4, { offset: 0, groups: 1 }, /sum to 0, but 30 layers on 4 parts leave 2/],
  ['a list for another number of stages', 30, 4, { offset: [1, 1], groups: 1 }, /2 offsets for 4 stages/],
  ['lists for another number of groups', 8, 2, { offset: [[0, 0]], groups: 2 }, /2 lists of 2 offsets/],
  ['a stage that would have no layers', 4, 2, { offset: [-2, 2], groups: 1 }, /stage 0 would have 0 layers/],
  ['more stages than layers', 2, 4, EVEN_SPLIT, /2 layers do not give each of 4 parts/],
])('%s are refused', (_, layers, stages, split, message) => {
  expect(() => stageOfLayers(layers, stages, split)).toThrow(message);
});
