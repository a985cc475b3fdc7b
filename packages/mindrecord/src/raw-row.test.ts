import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Column } from './column.ts';
import type { RawValue } from './raw-row.ts';
import { decodeRaw, encodeRaw, rawValue } from './raw-row.ts';

const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }).map((value): [Column['type'], RawValue] => ['string', value]),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map((value): [Column['type'], RawValue] => ['int64', value]),
  fc.integer({ min: -70_000, max: 70_000 }).map((value): [Column['type'], RawValue] => ['int32', value]),
  fc.double({ noNaN: true }).map((value): [Column['type'], RawValue] => ['float64', value]),
  fc.float({ noNaN: true }).map((value): [Column['type'], RawValue] => ['float32', value]),
);
const row = fc.array(value, { minLength: 1, maxLength: 20 }).map((values) => ({
  columns: values.map(([type], i): Column => ({ name: `c${i}`, type })),
  values: values.map(([, value]) => value),
}));

test('a row comes back from its MessagePack map', () => {
  fc.assert(
    fc.property(row, ({ columns, values }) => {
      const fields = decodeRaw(encodeRaw(columns, values));
      if (typeof fields === 'string') throw new Error(fields);
      const back = columns.map((column) => rawValue(column, fields.get(column.name)));
      expect(back).toEqual(values);
    }),
  );
});

test('integers and strings are spelled as an independent MessagePack writer spells them', () => {
  fc.assert(
    fc.property(row, ({ columns, values }) => {
      const kept = columns.map((_, i) => i).filter((i) => !columns[i]!.type.startsWith('float'));
      // Its bigint form is always 64 bits wide; ours is the shortest.
      const short = kept.filter((i) => typeof values[i] !== 'bigint');
      const map = Object.fromEntries(short.map((i) => [columns[i]!.name, values[i]]));
      if (short.length === 0) return;
      const ours = encodeRaw(
        short.map((i) => columns[i]!),
        short.map((i) => values[i]!),
      );
      expect(ours).toEqual(encode(map));
    }),
  );
});

const hex = (type: Column['type'], value: RawValue): string =>
  Buffer.from(encodeRaw([{ name: 'a', type }], [value]))
    .toString('hex')
    .slice(6);

test('numbers take the shortest form of nlohmann::json', () => {
  const integers: [bigint, string][] = [
    [0n, '00'],
    [127n, '7f'],
    [128n, 'cc80'],
    [255n, 'ccff'],
    [256n, 'cd0100'],
    [65536n, 'ce00010000'],
    [2n ** 32n, 'cf0000000100000000'],
    [-1n, 'ff'],
    [-32n, 'e0'],
    [-33n, 'd0df'],
    [-129n, 'd1ff7f'],
    [-32769n, 'd2ffff7fff'],
    [-2147483649n, 'd3ffffffff7fffffff'],
  ];
  for (const [value, bytes] of integers) expect(hex('int64', value)).toBe(bytes);
  expect(hex('float64', 1)).toBe('ca3f800000');
  expect(hex('float32', 0.1)).toBe('cb3fb999999999999a');
  expect(hex('float64', NaN).slice(0, 2)).toBe('cb');
});

test('a row without raw columns is the map {"id": 0}', () => {
  expect(decodeRaw(encodeRaw([], []))).toEqual(new Map([['id', 0]]));
});

test('a value of another kind, or out of the range of its column, is none', () => {
  expect(rawValue({ name: 'a', type: 'int32' }, 2n ** 31n)).toBeUndefined();
  expect(rawValue({ name: 'a', type: 'int64' }, 2n ** 63n)).toBeUndefined();
  expect(rawValue({ name: 'a', type: 'int32' }, 1.5)).toBeUndefined();
  expect(rawValue({ name: 'a', type: 'int32' }, '1')).toBeUndefined();
  expect(rawValue({ name: 'a', type: 'string' }, 1)).toBeUndefined();
  expect(rawValue({ name: 'a', type: 'float32' }, undefined)).toBeUndefined();
});

test('bytes that are no map are told, whatever they are', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeRaw(bytes)));
  // An array of 2^32 - 1 elements, a string of 4 GiB, a map with the key __proto__.
  for (const bytes of ['ddffffffff', 'dbffffffff', '81a95f5f70726f746f5f5f01', 'c0', '']) {
    expect(decodeRaw(Buffer.from(bytes, 'hex'))).toContain('MessagePack');
  }
});
