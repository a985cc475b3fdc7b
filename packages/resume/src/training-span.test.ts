import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SkipWishes } from './training-span.ts';
import { namedPosition, placeOf, trainingSpan } from './training-span.ts';

const plain: SkipWishes = { ignoreDataSkip: false, dataSkipSteps: null };

/** 40 rows, 5 epochs, saved at step 24 with batches of 4: epoch 3, or sink 12. */
function resumed(batch: number, sinkSize: number | null, wishes: Partial<SkipWishes> = {}) {
  const sizes = { epochs: 5, stepsPerEpoch: Math.floor(40 / batch), globalBatchSize: batch, sinkSize };
  const saved = { step: 24, epoch: sinkSize === null ? 3 : 12, globalBatchSize: 4, sunk: sinkSize !== null };
  return trainingSpan(sizes, saved, { ...plain, ...wishes });
}

describe('resuming at step 24 of 50, as observed in the real MindFormers', () => {
  test.each([
    { change: 'nothing, sunk', batch: 4, sink: 2, epoch: 12, step: 24, skip: 24, first: 25, last: 50 },
    { change: 'nothing, unsunk', batch: 4, sink: null, epoch: 2, step: 24, skip: 24, first: 25, last: 50 },
    { change: 'batch 8, sunk', batch: 8, sink: 2, epoch: 6, step: 12, skip: 12, first: 13, last: 24 },
    { change: 'batch 8, unsunk', batch: 8, sink: null, epoch: 2, step: 12, skip: 12, first: 13, last: 25 },
    { change: 'batch 2, sunk', batch: 2, sink: 2, epoch: 24, step: 48, skip: 48, first: 49, last: 100 },
    { change: 'batch 2, unsunk', batch: 2, sink: null, epoch: 2, step: 48, skip: 48, first: 49, last: 100 },
    { change: 'batch 5, sunk', batch: 5, sink: 2, epoch: 9, step: 19, skip: 18, first: 20, last: 41 },
    { change: 'batch 5, unsunk', batch: 5, sink: null, epoch: 2, step: 19, skip: 19, first: 20, last: 40 },
  ])('$change', ({ batch, sink, epoch, step, skip, first, last }) => {
    const span = resumed(batch, sink);
    expect(span).toMatchObject({ initialEpoch: epoch, initialStep: step, skip });
    expect([span.initialStep + 1, span.initialStep + span.steps]).toEqual([first, last]);
  });

  test.each([
    { wish: 'ignore_data_skip, sunk', sink: 2, wishes: { ignoreDataSkip: true }, skip: 0, steps: 26 },
    { wish: 'ignore_data_skip, unsunk', sink: null, wishes: { ignoreDataSkip: true }, skip: 0, steps: 30 },
    { wish: 'data_skip_steps 2, sunk', sink: 2, wishes: { dataSkipSteps: 2 }, skip: 2, steps: 26 },
    { wish: 'data_skip_steps 2, unsunk', sink: null, wishes: { dataSkipSteps: 2 }, skip: 2, steps: 28 },
    { wish: 'data_skip_steps 0 is not set', sink: 2, wishes: { dataSkipSteps: 0 }, skip: 24, steps: 26 },
  ])('$wish', ({ sink, wishes, skip, steps }) => {
    expect(resumed(4, sink, wishes)).toMatchObject({ skip, steps });
  });
});

test('data_skip_steps that is no whole number of sinks is taken as it is (ruling 20)', () => {
  expect(resumed(4, 2, { dataSkipSteps: 1 }).skip).toBe(1);
});

test('an automatic skip inside a sink is lowered, and said', () => {
  expect(resumed(5, 2).warnings.join()).toContain('18 batches are skipped, 1 come again');
});

test('training past the configured total is said', () => {
  expect(resumed(4, null, { ignoreDataSkip: true }).warnings.join()).toContain('step 54, past the configured 50');
  expect(resumed(4, 2, { ignoreDataSkip: true }).warnings).toEqual([]);
});

test.each([null, 2])('the last checkpoint leaves nothing to train (sink %s)', (sinkSize) => {
  const saved = { step: 50, epoch: sinkSize === null ? 5 : 25, globalBatchSize: 4, sunk: sinkSize !== null };
  const sizes = { epochs: 5, stepsPerEpoch: 10, globalBatchSize: 4, sinkSize };
  expect(() => trainingSpan(sizes, saved, plain)).toThrow(expect.objectContaining({ code: 'nothing-left' }));
});

test('sinks that do not divide the epochs leave steps out: sink 3, 2 epochs of 10 are 18 steps', () => {
  const span = trainingSpan({ epochs: 2, stepsPerEpoch: 10, globalBatchSize: 4, sinkSize: 3 }, null, plain);
  expect(span).toMatchObject({ steps: 18, totalSteps: 18, initialStep: 0 });
});

test('a checkpoint saved sunk continues unsunk at its step, and with another sink size', () => {
  const saved = { step: 24, epoch: 12, globalBatchSize: 4, sunk: true };
  const unsunk = trainingSpan({ epochs: 5, stepsPerEpoch: 10, globalBatchSize: 4, sinkSize: null }, saved, plain);
  expect(unsunk).toMatchObject({ initialEpoch: 2, skip: 24, steps: 26 });
  const sink4 = trainingSpan({ epochs: 6, stepsPerEpoch: 10, globalBatchSize: 4, sinkSize: 4 }, saved, plain);
  expect(sink4).toMatchObject({ initialEpoch: 6, skip: 24, steps: 36 });
});

test('a checkpoint without a batch size is not scaled', () => {
  const saved = { step: 24, epoch: 3, globalBatchSize: null, sunk: null };
  expect(
    trainingSpan({ epochs: 5, stepsPerEpoch: 10, globalBatchSize: 16, sinkSize: null }, saved, plain).stepScale,
  ).toBe(1);
});

test('names carry the true position of the whole run, after a resume too', () => {
  const positions = (sinkSize: number | null, dones: readonly number[]): string[] =>
    dones.map((done) => {
      const { epoch, step } = namedPosition(resumed(4, sinkSize), done);
      return `${epoch}_${step}`;
    });
  expect(positions(2, [6, 12, 26])).toEqual(['15_2', '18_2', '25_2']);
  expect(positions(null, [6, 12, 18, 24, 26])).toEqual(['3_10', '4_6', '5_2', '5_8', '5_10']);
});

test('stopping and resuming at any sink trains every step exactly once', () => {
  const sizes = fc.record({
    epochs: fc.integer({ min: 1, max: 6 }),
    stepsPerEpoch: fc.integer({ min: 1, max: 12 }),
    globalBatchSize: fc.constant(4),
    sinkSize: fc.option(fc.integer({ min: 1, max: 12 })),
  });
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), (run, part) => {
      const whole = trainingSpan(run, null, plain);
      const rounds = Math.floor(whole.steps / (run.sinkSize ?? 1));
      const step = Math.floor(part * rounds) * (run.sinkSize ?? 1);
      fc.pre(step > 0 && step < whole.steps);
      const epoch = run.sinkSize === null ? placeOf(step, run.stepsPerEpoch).epoch : step / run.sinkSize;
      const rest = trainingSpan(run, { step, epoch, globalBatchSize: 4, sunk: run.sinkSize !== null }, plain);
      expect(rest.skip).toBe(step);
      expect(rest.initialStep + rest.steps).toBe(whole.steps);
    }),
  );
});
