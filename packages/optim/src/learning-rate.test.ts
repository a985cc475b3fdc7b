import { expect, test } from 'vitest';
import { checkLearningRate, learningRate } from './learning-rate.ts';
import type { LearningRateSpec } from './learning-rate.ts';

const warm = { learningRate: 0.01, warmupSteps: 3, warmupInit: 0 };

test('the cosine schedule gives the rates a real MindFormers run recorded', () => {
  const spec: LearningRateSpec = {
    kind: 'CosineWithWarmUpLR',
    ...warm,
    totalSteps: 20,
    decaySteps: 20,
    end: 1e-4,
    cycles: 0.5,
  };
  const recorded = [
    0, 0.0033333334140479565, 0.006666666828095913, 0.009999999776482582, 0.00991571694612503, 0.009665736928582191,
  ];
  recorded.forEach((rate, step) => expect(learningRate(spec, step)).toBeCloseTo(rate, 8));
  expect(learningRate(spec, 19)).toBeCloseTo(0.00018428316, 8);
  expect(learningRate(spec, 20)).toBe(Math.fround(1e-4));
  expect(learningRate(spec, 99)).toBe(Math.fround(1e-4));
});

test.each<[LearningRateSpec, Record<number, number>]>([
  [
    { kind: 'constant', learningRate: 0.5 },
    { 0: 0.5, 9: 0.5 },
  ],
  [
    { kind: 'ConstantWarmUpLR', learningRate: 1, warmupSteps: 4, warmupInit: 0.2 },
    { 0: 0.2, 2: 0.6, 4: 1, 50: 1 },
  ],
  [
    { kind: 'LinearWithWarmUpLR', learningRate: 1, warmupSteps: 2, warmupInit: 0, totalSteps: 12 },
    { 1: 0.5, 2: 1, 7: 0.5, 12: 0, 20: 0 },
  ],
  [
    {
      kind: 'CosineWithRestartsAndWarmUpLR',
      learningRate: 1,
      warmupSteps: 0,
      warmupInit: 0,
      totalSteps: 8,
      end: 0,
      cycles: 2,
    },
    { 0: 1, 2: 0.5, 4: 1, 6: 0.5, 8: 0 },
  ],
  [
    {
      kind: 'PolynomialWithWarmUpLR',
      learningRate: 1,
      warmupSteps: 2,
      warmupInit: 0,
      totalSteps: 12,
      decaySteps: 10,
      end: 0.2,
      power: 2,
    },
    { 1: 0.5, 2: 1, 7: 0.4, 12: 0.2, 13: 0.2 },
  ],
  [
    {
      kind: 'ConstantWithCoolDownLR',
      learningRate: 1,
      warmupSteps: 2,
      warmupInit: 0,
      keepSteps: 3,
      decaySteps: 4,
      end: 0.2,
      finalSteps: 2,
      finalEnd: 0.1,
      cycles: 0.5,
    },
    { 1: 0.5, 4: 1, 5: 1, 7: 0.6, 9: 0.2, 10: 0.2, 11: 0.1 },
  ],
  [
    {
      kind: 'WarmUpStableDecayLR',
      learningRate: 1,
      warmupSteps: 2,
      warmupInit: 0,
      totalSteps: 10,
      decayStart: 6,
      end: 0.2,
    },
    { 1: 0.5, 2: 1, 6: 1, 7: 0.8, 8: 0.6, 10: 0.2, 12: 0.2 },
  ],
  [
    { kind: 'CosineAnnealingLR', base: 1, period: 10, end: 0.2 },
    { 0: 1, 5: 0.6, 10: 0.2 },
  ],
  [
    { kind: 'CosineAnnealingWarmRestarts', base: 1, firstPeriod: 2, multiplier: 2, end: 0 },
    { 0: 1, 1: 0.5, 2: 1, 4: 0.5, 6: 1, 10: 0.5 },
  ],
])('%o', (spec, expected) => {
  for (const [step, rate] of Object.entries(expected))
    expect(learningRate(checkLearningRate(spec), Number(step))).toBeCloseTo(rate, 6);
});

test('a cosine that ends before its warm-up does is at its end from there on', () => {
  const spec: LearningRateSpec = {
    kind: 'CosineWithWarmUpLR',
    learningRate: 1,
    warmupSteps: 10,
    warmupInit: 0,
    totalSteps: 20,
    decaySteps: 4,
    end: 0.25,
    cycles: 0.5,
  };
  expect([0, 3, 4, 9, 12].map((step) => learningRate(spec, step))).toEqual([0, Math.fround(0.3), 0.25, 0.25, 0.25]);
});

test('a polynomial that does not fall and periods below one step are errors that name their key', () => {
  const rising: LearningRateSpec = {
    kind: 'PolynomialWithWarmUpLR',
    ...warm,
    totalSteps: 5,
    decaySteps: 2,
    end: 1,
    power: 1,
  };
  expect(() => checkLearningRate(rising)).toThrow(
    expect.objectContaining({ code: 'optim-invalid', path: ['lr_schedule', 'lr_end'] }),
  );
  const empty: LearningRateSpec = { kind: 'CosineAnnealingLR', base: 1, period: 0, end: 0 };
  expect(() => checkLearningRate(empty)).toThrow(expect.objectContaining({ path: ['lr_schedule', 't_max'] }));
});
