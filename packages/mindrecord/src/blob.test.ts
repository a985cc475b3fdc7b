import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrayBytes, blobValue, joinBlob, splitBlob } from './blob.ts';

const parts = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 5 });

test('a blob is cut into what it was joined from', () => {
  fc.assert(
    fc.property(parts, (parts) => {
      expect(splitBlob(joinBlob(parts), parts.length)).toEqual(parts);
    }),
  );
  expect(joinBlob([])).toEqual(new Uint8Array(4));
});

test('lengths that reach beyond the blob are told, and where', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 2, maxLength: 5 }), fc.nat(), (parts, cut) => {
      const blob = joinBlob(parts);
      expect(splitBlob(blob.subarray(0, cut % blob.length), parts.length)).toMatch(
        /^(the blob ends before its )?column/,
      );
    }),
  );
  const blob = joinBlob([Uint8Array.of(1), Uint8Array.of(2)]);
  blob[0] = 0xff;
  expect(splitBlob(blob, 2)).toBe('column 1 of the blob has 18374686479671624000 bytes, 10 are left');
});

const shaped = (type: 'int32' | 'int64' | 'float32' | 'float64', shape: number[]) => ({ name: 'a', type, shape });

test('stored arrays come back, packed or not, as copies', () => {
  const values = [
    Int32Array.of(1, -1),
    BigInt64Array.of(1n, 2n ** 40n),
    Float32Array.of(0.5, NaN),
    Float64Array.of(1, 2),
  ];
  for (const [i, type] of (['int32', 'int64', 'float32', 'float64'] as const).entries()) {
    const bytes = arrayBytes(values[i]!);
    const value = blobValue(shaped(type, [-1]), bytes, true);
    expect(value).toEqual(values[i]);
    const plain = new Uint8Array(values[i]!.buffer);
    expect(blobValue(shaped(type, [2]), plain, false)).toEqual(values[i]);
    expect((value as Int32Array).buffer).not.toBe(bytes.buffer);
  }
});

test('elements that do not fit the shape, and bytes that are no elements, are told', () => {
  expect(blobValue(shaped('int32', [3]), arrayBytes(Int32Array.of(1, 2)), true)).toContain('do not fit shape [3]');
  expect(blobValue(shaped('float32', [-1, 2]), new Uint8Array(12), true)).toContain('do not fit shape [-1,2]');
  expect(blobValue(shaped('float64', [-1]), new Uint8Array(12), true)).toContain('no whole number of 8-byte');
});
