import { Float16Array } from '@petamoriken/float16';
import fc from 'fast-check';
import { expect, test } from 'vitest';
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
