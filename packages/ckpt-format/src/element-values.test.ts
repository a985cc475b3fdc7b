import type { ElementType } from '@cairn/bytes';
import { expect, test } from 'vitest';
import { elementValues } from './index.ts';

const CASES: readonly (readonly [ElementType, string, readonly (number | bigint)[]])[] = [
  ['Bool', '0100', [1, 0]],
  ['Int4', '1f', [31]],
  ['UInt8', 'ff', [255]],
  ['Int8', 'ff80', [-1, -128]],
  ['Int16', 'feff', [-2]],
  ['UInt16', 'feff', [65534]],
  ['Int32', 'fdffffff', [-3]],
  ['UInt32', 'fdffffff', [2 ** 32 - 3]],
  ['Int64', 'fcffffffffffffff', [-4n]],
  ['UInt64', 'fcffffffffffffff', [2n ** 64n - 4n]],
  ['Float16', '003c00fc', [1, -Infinity]],
  ['BFloat16', '803fc07f', [1, NaN]],
  ['Float32', 'cdcccc3d', [Math.fround(0.1)]],
  ['Float64', '9a9999999999b93f', [0.1]],
];

test.each(CASES)('%s %s', (dtype, hex, values) => {
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
  expect(Array.from<number | bigint>(elementValues(dtype, bytes) as Float64Array)).toEqual(values);
});

test('bytes that do not begin at a multiple of the element are read as well', () => {
  const bytes = Uint8Array.of(9, 0, 0, 128, 63, 0, 0, 0, 64).subarray(1);
  expect(elementValues('Float32', bytes)).toEqual(Float32Array.of(1, 2));
});
