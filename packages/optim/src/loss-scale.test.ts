import { expect, test } from 'vitest';
import { initialLossScale, nextLossScale } from './loss-scale.ts';
import type { LossScaleSpec } from './loss-scale.ts';

test('the dynamic scale moves as in a recorded run of MindSpore', () => {
  const spec: LossScaleSpec = { kind: 'dynamic', scale: 2 ** 127, factor: 2, window: 4 };
  // Overflow of each step, and the exponent of the scale after it (real-mindformers §5).
  const recorded = 'T126 T125 F125 F125 F125 F126 T125 T124 F124 F124 F124 F125 T124 T123';
  let state = initialLossScale(spec);
  for (const step of recorded.split(' ')) {
    state = nextLossScale(spec, state, step.startsWith('T'));
    expect(Math.log2(state.scale)).toBe(Number(step.slice(1)));
  }
  expect(state.currentStep).toBe(15);
});

test('a scale never falls below one, a factor of one keeps it, a fixed one stays', () => {
  const low: LossScaleSpec = { kind: 'dynamic', scale: 1, factor: 2, window: 1000 };
  expect(nextLossScale(low, initialLossScale(low), true).scale).toBe(1);
  const flat: LossScaleSpec = { kind: 'dynamic', scale: 4096, factor: 1, window: 1 };
  expect(nextLossScale(flat, initialLossScale(flat), true).scale).toBe(4096);
  const fixed: LossScaleSpec = { kind: 'fixed', scale: 8 };
  expect(nextLossScale(fixed, initialLossScale(fixed), true)).toEqual(initialLossScale(fixed));
});

test('a scale that has reached infinity stays there', () => {
  const spec: LossScaleSpec = { kind: 'dynamic', scale: 2 ** 127, factor: 2, window: 1 };
  const state = nextLossScale(spec, initialLossScale(spec), false);
  expect(state.scale).toBe(Infinity);
  expect(nextLossScale(spec, state, true).scale).toBe(Infinity);
});
