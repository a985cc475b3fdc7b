import { roundTo } from '@cairn/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LlamaSpec, ModelParameter } from '../src/index.ts';
import { FLOAT32, initialValues, parametersOf } from '../src/index.ts';
import { tinyLlama } from './tiny-llama.ts';

function parameterOf(spec: LlamaSpec, name: string): ModelParameter {
  const found = parametersOf(spec).find((parameter) => parameter.name === name);
  if (found === undefined) throw new RangeError(`no parameter ${name}`);
  return found;
}

function whole(spec: LlamaSpec, parameter: ModelParameter, seed: number): Float32Array {
  const box = parameter.shape.map((size) => [0, size] as const);
  return initialValues(spec, parameter, box, seed);
}

const large = tinyLlama({ vocabulary: 500, hidden: 200, heads: 2, kvHeads: 2, initStd: 0.02 });

test('a slice has the numbers it has in the whole tensor', () => {
  const spec = tinyLlama();
  const head = parameterOf(spec, 'lm_head.weight');
  const all = whole(spec, head, 3);
  const [rows = 0, columns = 0] = head.shape;
  const range = (size: number) =>
    fc.tuple(fc.nat(size), fc.nat(size)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(range(rows), range(columns), (down, across) => {
      const part = initialValues(spec, head, [down, across], 3);
      const expected: number[] = [];
      for (let row = down[0]; row < down[1]; row++)
        expected.push(...all.subarray(row * columns + across[0], row * columns + across[1]));
      expect([...part]).toEqual(expected);
    }),
  );
});

test('fresh weights are normal: mean 0, the given deviation, the tails of a bell', () => {
  const values = whole(large, parameterOf(large, 'lm_head.weight'), 1);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  const beyond = (sigmas: number): number =>
    values.filter((x) => Math.abs(x) > sigmas * large.initStd).length / values.length;
  // 100,000 values: the mean is off by 0.02 / √1e5 = 6e-5, the shares by √(p / 1e5), once in a while by three times that.
  expect(Math.abs(mean)).toBeLessThan(2.5e-4);
  expect(deviation).toBeCloseTo(0.02, 3);
  expect(beyond(1)).toBeCloseTo(0.3173, 2);
  expect(beyond(2)).toBeCloseTo(0.0455, 2);
  expect(beyond(3)).toBeGreaterThan(0.001);
  expect(beyond(6)).toBe(0);
});

test('neighbours, rows and halves of a tensor are unrelated', () => {
  const values = whole(large, parameterOf(large, 'lm_head.weight'), 1);
  for (const distance of [1, 2, 3, 200, 201, 50_000]) {
    let product = 0;
    for (let i = 0; i + distance < values.length; i++) product += values[i]! * values[i + distance]!;
    const correlation = product / (values.length - distance) / large.initStd ** 2;
    expect(Math.abs(correlation), `at distance ${distance}`).toBeLessThan(0.02);
  }
});

test('another seed or another parameter draws other numbers, the same ones the same', () => {
  const spec = tinyLlama();
  const [w1, w3] = ['w1', 'w3'].map((name) => parameterOf(spec, `model.layers.0.feed_forward.${name}.weight`));
  expect(whole(spec, w1!, 1)).toEqual(whole(spec, w1!, 1));
  expect(whole(spec, w1!, 1)).not.toEqual(whole(spec, w1!, 2));
  expect(whole(spec, w1!, 1)).not.toEqual(whole(spec, w3!, 1));
});

test('norms begin with ones, biases with zeros', () => {
  const spec = tinyLlama({ qkvBias: true });
  expect([...whole(spec, parameterOf(spec, 'model.norm_out.weight'), 1)]).toEqual(Array(12).fill(1));
  expect([...whole(spec, parameterOf(spec, 'model.layers.0.attention.wk.bias'), 1)]).toEqual(Array(12).fill(0));
});

test('values are rounded to their type', () => {
  const half = tinyLlama({ precision: { ...FLOAT32, parameters: 'BFloat16' } });
  const name = 'lm_head.weight';
  const exact = whole(tinyLlama(), parameterOf(tinyLlama(), name), 5);
  const rounded = whole(half, parameterOf(half, name), 5);
  expect(rounded).not.toEqual(exact);
  expect(rounded).toEqual(roundTo('BFloat16', exact.slice()));
});
