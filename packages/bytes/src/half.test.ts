import { Float16Array } from '@petamoriken/float16';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bfloat16Bits, float16Bits, fromBfloat16Bits, fromFloat16Bits, roundTo } from './half.ts';

const everyHalf = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const anyFloat = fc.array(fc.float(), { maxLength: 50 }).map((values) => Float32Array.from(values));

test('every float16 survives the way to float32 and back, NaN as NaN', () => {
  const values = fromFloat16Bits(everyHalf);
  const oracle = Float32Array.from(new Float16Array(everyHalf.buffer));
  expect(values).toEqual(oracle);
  float16Bits(values).forEach((bits, i) => {
    if (!Number.isNaN(values[i])) expect(bits).toBe(i);
  });
});

test('rounding to float16 is that of an independent implementation', () => {
  fc.assert(
    fc.property(anyFloat, (values) => {
      expect(roundTo('Float16', values.slice())).toEqual(Float32Array.from(Float16Array.from(values)));
    }),
  );
});

test('subnormal float16 and the ties at its border round to even', () => {
  const unit = 2 ** -24;
  const values = Float32Array.of(0.5 * unit, 0.5000001 * unit, 1.5 * unit, 2.5 * unit, 1023.5 * unit, -0.5 * unit);
  expect(roundTo('Float16', values.slice())).toEqual(Float32Array.from(Float16Array.from(values)));
});

test('every bfloat16 survives; rounding picks the nearest, ties to even', () => {
  const values = fromBfloat16Bits(everyHalf);
  bfloat16Bits(values).forEach((bits, i) => {
    if (!Number.isNaN(values[i])) expect(bits).toBe(i);
  });
  const ties = new Float32Array(Uint32Array.of(0x3f808000, 0x3f818000, 0x3f808001, 0x7f7fffff).buffer);
  expect([...bfloat16Bits(ties)]).toEqual([0x3f80, 0x3f82, 0x3f81, 0x7f80]);
  expect(fromBfloat16Bits(bfloat16Bits(Float32Array.of(NaN)))[0]).toBeNaN();
});

/** The float32 values next to x, towards 0 and away from it. */
function neighbours(x: number): readonly [number, number] {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0]!;
  const [below = 0, above = 0] = new Float32Array(Uint32Array.of(bits - 1, bits + 1).buffer);
  return [below, above];
}

describe.each([
  { type: 'Float16', largest: 0x7bff, toBits: float16Bits, fromBits: fromFloat16Bits },
  { type: 'BFloat16', largest: 0x7f7f, toBits: bfloat16Bits, fromBits: fromBfloat16Bits },
])('between any two neighbours of $type', ({ largest, toBits, fromBits }) => {
  // Half way above the largest, where the next power of two would be, rounding goes to infinity.
  const low = Uint16Array.from({ length: largest + 1 }, (_, bits) => bits);
  const values = fromBits(low);
  const next = (i: number): number => (i === largest ? 2 * values[i]! - values[i - 1]! : values[i + 1]!);
  const middles = Float32Array.from(values, (value, i) => (value + next(i)) / 2);

  test('the middle goes to the even one, what lies beside it to the nearer', () => {
    const wrong = [...low].filter((bits) => {
      const [below, above] = neighbours(middles[bits]!);
      const rounded = toBits(Float32Array.of(middles[bits]!, below, above));
      const even = bits % 2 === 0 ? bits : bits + 1;
      return rounded[0] !== even || rounded[1] !== bits || rounded[2] !== bits + 1;
    });
    expect(wrong).toEqual([]);
  });

  test('the same holds below zero', () => {
    const positive = toBits(middles);
    const negative = toBits(middles.map((x) => -x));
    expect(negative).toEqual(positive.map((bits) => bits | 0x8000));
  });
});

test.each([
  ['Float16', float16Bits, 0x7c00],
  ['BFloat16', bfloat16Bits, 0x7f80],
] as const)('%s keeps infinities and signed zeros, and makes every NaN a quiet one', (_, toBits, infinite) => {
  expect([...toBits(Float32Array.of(Infinity, -Infinity, 0, -0))]).toEqual([infinite, infinite | 0x8000, 0, 0x8000]);
  const nans = new Float32Array(Uint32Array.of(0x7f800001, 0xffffffff, 0x7fc00000).buffer);
  for (const bits of toBits(nans)) expect(bits & 0x7fff).toBeGreaterThan(infinite);
});

test('rounding again changes nothing, and to Float32 is nothing', () => {
  fc.assert(
    fc.property(anyFloat, fc.constantFrom('Float16' as const, 'BFloat16' as const), (values, type) => {
      const once = roundTo(type, values.slice());
      expect(roundTo(type, once.slice())).toEqual(once);
      expect(roundTo('Float32', values.slice())).toEqual(values);
    }),
  );
});
