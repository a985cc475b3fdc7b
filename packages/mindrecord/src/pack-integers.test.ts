import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packedDamage, packIntegers, unpackInt32, unpackInt64 } from './pack-integers.ts';

const edges = [0n, 127n, 128n, -128n, -129n, 32767n, 32768n, -32768n, -32769n, 2147483647n, -2147483648n];
const int32s = fc
  .array(fc.oneof(fc.integer(), fc.integer({ min: -300, max: 300 }), fc.constantFrom(...edges.map(Number))), {
    maxLength: 40,
  })
  .map((values) => Int32Array.from(values));
const int64s = fc
  .array(fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.constantFrom(...edges, 2147483648n, -2147483649n)), {
    maxLength: 40,
  })
  .map((values) => BigInt64Array.from(values));

/** The definition, element by element. */
function packedPlainly(values: readonly bigint[]): Uint8Array {
  const codes: number[] = Array.from({ length: Math.ceil(values.length / 4) }, () => 0);
  const body: number[] = [];
  values.forEach((value, i) => {
    const code = [8, 16, 32, 64].findIndex((bits) => BigInt.asIntN(bits, value) === value);
    codes[i >> 2]! |= code << (2 * (3 - (i & 3)));
    for (let byte = 0; byte < 1 << code; byte++) body.push(Number(BigInt.asUintN(8, value >> BigInt(8 * byte))));
  });
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, values.length);
  return Uint8Array.from([...count, ...codes, ...body]);
}

test('packing is its definition, for int32 and int64', () => {
  fc.assert(
    fc.property(fc.oneof(int32s, int64s), (values) => {
      expect(packIntegers(values)).toEqual(packedPlainly(Array.from<number | bigint>(values).map(BigInt)));
    }),
  );
  const example = '0000000358eb2557075b500200';
  expect(Buffer.from(packIntegers(Int32Array.of(9707, 1879, 151643))).toString('hex')).toBe(example);
});

test('what is packed unpacks to the same values and is free of damage', () => {
  fc.assert(
    fc.property(int32s, int64s, (narrow, wide) => {
      expect(packedDamage(packIntegers(narrow))).toBeUndefined();
      expect(packedDamage(packIntegers(wide))).toBeUndefined();
      expect(unpackInt32(packIntegers(narrow))).toEqual(narrow);
      expect(unpackInt64(packIntegers(wide))).toEqual(wide);
      expect(unpackInt64(packIntegers(narrow))).toEqual(BigInt64Array.from(narrow, BigInt));
      expect(unpackInt32(packIntegers(wide))).toEqual(Int32Array.from(wide, (x) => Number(BigInt.asIntN(32, x))));
    }),
  );
});

test('a view into a larger buffer packs like its copy', () => {
  const values = Int32Array.of(1, 2, 300, 70_000);
  expect(packIntegers(values.subarray(1, 3))).toEqual(packIntegers(values.slice(1, 3)));
});

test('bytes that are missing, in excess, or a count beyond them are damage', () => {
  fc.assert(
    fc.property(
      int64s,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 400, max: 2 ** 32 - 1 }),
      (values, more, count) => {
        const packed = packIntegers(values);
        expect(packedDamage(packed.subarray(0, Math.max(0, packed.length - more)))).toBeDefined();
        expect(packedDamage(Uint8Array.from([...packed, ...new Uint8Array(more)]))).toBeDefined();
        const counted = packed.slice();
        new DataView(counted.buffer).setUint32(0, count);
        expect(packedDamage(counted)).toBeDefined();
      },
    ),
  );
});
