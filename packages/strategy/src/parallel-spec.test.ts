import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ParallelSpec } from './parallel-spec.ts';
import { ALONE, checkWorldSize, coordinatesOf, rankAt, worldSize } from './parallel-spec.ts';

const specs: fc.Arbitrary<ParallelSpec> = fc
  .tuple(...[4, 4, 2, 3].map((max) => fc.integer({ min: 1, max })))
  .map(([dataParallel = 1, modelParallel = 1, contextParallel = 1, stages = 1]) => ({
    ...ALONE,
    dataParallel,
    modelParallel,
    contextParallel,
    stages,
  }));

test('every rank has a place of its own, and the place gives the rank back', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      for (let rank = 0; rank < worldSize(spec); rank++) expect(rankAt(spec, coordinatesOf(spec, rank))).toBe(rank);
    }),
  );
});

test('stages are blocks of ranks, and the model-parallel place varies fastest', () => {
  const spec = { ...ALONE, dataParallel: 2, modelParallel: 2, stages: 2 };
  expect(coordinatesOf(spec, 5)).toEqual({ stage: 1, data: 0, context: 0, model: 1, inStage: 1 });
  expect(coordinatesOf(spec, 6)).toEqual({ stage: 1, data: 1, context: 0, model: 0, inStage: 2 });
});

test('a run with more or fewer ranks than its parallelism needs is refused with the product', () => {
  const spec = { ...ALONE, dataParallel: 2, modelParallel: 4 };
  expect(() => checkWorldSize(spec, 8)).not.toThrow();
  expect(() => checkWorldSize(spec, 6)).toThrow(
    'data_parallel 2 × model_parallel 4 × context_parallel 1 × pipeline_stage 1 is 8 ranks, there are 6',
  );
});
