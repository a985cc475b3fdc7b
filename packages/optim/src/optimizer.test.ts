import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipFactor, gradientSquares } from './clip.ts';
import type { OptimizerRule, OptimizerSpec, TrainedParameter } from './optimizer.ts';
import { decays, inOptimizerOrder, updateParameter } from './optimizer.ts';

function parameterOf(values: readonly number[], changes: Partial<TrainedParameter> = {}): TrainedParameter {
  const zeros = (): Float32Array => new Float32Array(values.length);
  const gradient = Float32Array.from(values, (x, i) => Math.sin(7 * x + i));
  return {
    name: 'w',
    dtype: 'Float32',
    decays: true,
    values: Float32Array.from(values),
    gradient,
    m: zeros(),
    v: zeros(),
    ...changes,
  };
}

const specOf = (rule: OptimizerRule): OptimizerSpec => ({
  rule,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-8,
  weightDecay: 0.05,
});

test('the first AdamW step moves each weight by the learning rate against its gradient, and decays it', () => {
  const parameter = parameterOf([1, -2], { gradient: Float32Array.of(0.5, -4) });
  updateParameter(specOf('AdamW'), parameter, { learningRate: 0.1, globalStep: 0, gradientScale: 1 });
  expect(parameter.values[0]).toBeCloseTo(1 * (1 - 0.1 * 0.05) - 0.1, 6);
  expect(parameter.values[1]).toBeCloseTo(-2 * (1 - 0.1 * 0.05) + 0.1, 6);
});

test('FP32StateAdamWeightDecay corrects no bias: the first step is lr · 0.1 g / √(0.05 g²)', () => {
  const parameter = parameterOf([1], { gradient: Float32Array.of(0.5), decays: false });
  updateParameter(specOf('FP32StateAdamWeightDecay'), parameter, {
    learningRate: 0.1,
    globalStep: 0,
    gradientScale: 1,
  });
  expect(parameter.values[0]).toBeCloseTo(1 - (0.1 * 0.1) / Math.sqrt(0.05), 6);
  expect(parameter.m[0]).toBeCloseTo(0.05, 7);
  expect(parameter.v[0]).toBeCloseTo(0.0125, 7);
});

/** The three rules as the sheet writes them, in float64. */
function reference(spec: OptimizerSpec, [w, m, v]: readonly number[], g: number, lr: number, t: number): number[] {
  if (w === undefined || m === undefined || v === undefined) return [];
  const m1 = spec.beta1 * m + (1 - spec.beta1) * g;
  const v1 = spec.beta2 * v + (1 - spec.beta2) * g * g;
  const [c1, c2] = [1 - spec.beta1 ** t, 1 - spec.beta2 ** t];
  switch (spec.rule) {
    case 'AdamW':
      return [w * (1 - lr * spec.weightDecay) - ((lr / c1) * m1) / (Math.sqrt(v1 / c2) + spec.eps), m1, v1];
    case 'FP32StateAdamWeightDecay':
      return [w - lr * (m1 / (Math.sqrt(v1) + spec.eps) + spec.weightDecay * w), m1, v1];
    case 'AdamWeightDecayX':
      return [
        w * (1 - lr * spec.weightDecay) - (((lr * Math.sqrt(c2)) / c1) * m1) / (Math.sqrt(v1) + spec.eps),
        m1,
        v1,
      ];
  }
}

test('every rule follows its formula over several steps, for any length', () => {
  const rule = fc.constantFrom<OptimizerRule>('AdamW', 'FP32StateAdamWeightDecay', 'AdamWeightDecayX');
  fc.assert(
    fc.property(
      rule,
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 9 }),
      (name, values) => {
        const spec = specOf(name);
        const parameter = parameterOf(values);
        const expected = [...parameter.values].map((w) => [w, 0, 0]);
        for (let step = 0; step < 3; step++) {
          updateParameter(spec, parameter, { learningRate: 0.01, globalStep: step, gradientScale: 0.25 });
          expected.forEach((state, i) => {
            expected[i] = reference(spec, state, 0.25 * parameter.gradient[i]!, 0.01, step + 1);
          });
        }
        expected.forEach(([w = 0], i) => expect(parameter.values[i]).toBeCloseTo(w, 5));
      },
    ),
  );
});

test('a parameter longer than a block is updated to its last element', () => {
  const parameter = parameterOf(Array.from({ length: 10_001 }, (_, i) => (i + 1) / 10_001));
  const before = parameter.values.slice();
  updateParameter(specOf('AdamW'), parameter, { learningRate: 0.1, globalStep: 0, gradientScale: 1 });
  expect(parameter.values.every((x, i) => x !== before[i])).toBe(true);
});

test('a half parameter is rounded to its type after the update', () => {
  const parameter = parameterOf([1], { dtype: 'BFloat16', gradient: Float32Array.of(1) });
  updateParameter(specOf('AdamW'), parameter, { learningRate: 1e-4, globalStep: 0, gradientScale: 1 });
  expect(parameter.values[0]).toBe(1);
});

test('the norm is that of the unscaled gradients; the clip factor is just below 1 when nothing is clipped', () => {
  const parameter = parameterOf([0, 0], { gradient: Float32Array.of(3 * 1024, 4 * 1024) });
  const norm = Math.sqrt(gradientSquares([parameter], 1024));
  expect(norm).toBe(5);
  expect(clipFactor(norm, 1)).toBeCloseTo(1 / (5 + 1e-6), 12);
  expect(clipFactor(0.5, 1)).toBe(1 / (1 + 1e-6));
  expect(clipFactor(5, null)).toBe(1);
});

test.each([NaN, Infinity])('a gradient of %s makes the norm not finite', (bad) => {
  const gradient = new Float32Array(5001).fill(0.1);
  gradient[4999] = bad;
  const parameter = parameterOf(
    Array.from(gradient, () => 0),
    { gradient },
  );
  expect(Number.isFinite(gradientSquares([parameter], 1))).toBe(false);
});

test('a gradient too large for its float16 parameter overflows', () => {
  const gradient = Float32Array.of(70_000);
  expect(gradientSquares([parameterOf([0], { gradient, dtype: 'Float16' })], 1024)).toBe(Infinity);
});

test('matrices decay and come first; norm weights and biases do not', () => {
  const parameters = [
    { name: 'norm.weight', shape: [4] },
    { name: 'wq.weight', shape: [4, 4] },
    { name: 'wq.bias', shape: [4] },
    { name: 'head.weight', shape: [9, 4] },
  ];
  expect(inOptimizerOrder(parameters).map(({ name }) => name)).toEqual([
    'wq.weight',
    'head.weight',
    'norm.weight',
    'wq.bias',
  ]);
  expect(parameters.map(({ name, shape }) => decays(name, shape))).toEqual([false, true, false, true]);
});
