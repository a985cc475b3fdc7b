import { roundTo } from '@cairn/bytes';
import { expect, test } from 'vitest';
import type { LlamaSpec, RotaryScaling } from '../src/index.ts';
import { rotaryTables } from '../src/layers/rotary.ts';
import { FLOAT32 } from '../src/index.ts';
import { tinyLlama } from './tiny-llama.ts';

/** Heads of 8 channels, so four frequencies: 1, 1/10, 1/100, 1/1000. Their waves are 2π, 20π, 200π, 2000π positions long. */
function specOf(rotaryScaling: RotaryScaling): LlamaSpec {
  return tinyLlama({ hidden: 16, heads: 2, kvHeads: 2, seqLength: 9, theta: 10_000, rotaryScaling });
}

/** Of 400π positions 200, 20 and 2 waves fit, and a fifth of one: kept, kept, (2 - 1) / (4 - 1) of it kept, divided. */
const LLAMA3 = {
  kind: 'LLAMA3',
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalPositions: 400 * Math.PI,
} as const;
const BLENDED = (2 / 3 / 8 + 1 / 3) / 100;

test.each<[string, RotaryScaling, (position: number) => readonly number[]]>([
  ['alone they are position · theta^(-2j / width)', { kind: 'none' }, (p) => [p, p / 10, p / 100, p / 1000]],
  ['NTK multiplies theta', { kind: 'NTK', factor: 16 }, (p) => [p, p / 20, p / 400, p / 8000]],
  ['PI shortens the step', { kind: 'PI', factor: 4 }, (p) => [p / 4, p / 40, p / 400, p / 4000]],
  ['LINEAR divides them all', { kind: 'LINEAR', factor: 5 }, (p) => [p / 5, p / 50, p / 500, p / 5000]],
  ['LLAMA3 divides long waves and blends', LLAMA3, (p) => [p, p / 10, p * BLENDED, p / 8000]],
])('the angles, the same in both halves of a head: %s', (_, scaling, angles) => {
  const { cos, sin } = rotaryTables(specOf(scaling));
  const expected = Array.from({ length: 9 }, (_position, p) => [...angles(p), ...angles(p)]).flat();
  expect(cos).toHaveLength(expected.length);
  expected.forEach((angle, i) => {
    expect(cos[i], `cos ${i}`).toBeCloseTo(Math.cos(angle), 6);
    expect(sin[i], `sin ${i}`).toBeCloseTo(Math.sin(angle), 6);
  });
});

test.each(['Float16', 'BFloat16'] as const)('the tables are rounded to a rotary type of %s', (rotary) => {
  const spec = specOf({ kind: 'none' });
  const exact = rotaryTables(spec);
  const rounded = rotaryTables({ ...spec, precision: { ...FLOAT32, rotary } });
  expect(rounded.cos).toEqual(roundTo(rotary, exact.cos.slice()));
  expect(rounded.sin).toEqual(roundTo(rotary, exact.sin.slice()));
  expect(rounded.sin).not.toEqual(exact.sin);
});
