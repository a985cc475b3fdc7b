import { sourceOf } from '@cairn/bytes';
import { expect, test } from 'vitest';
import { hex } from '../test/build-ckpt.ts';
import { laterSource, sparseSource } from '../test/sources.ts';
import type { StoredTensor } from './index.ts';
import { readTensor } from './index.ts';
import { MAX_READ_BYTES } from './limits.ts';

const source = sourceOf(Uint8Array.from({ length: 16 }, (_, i) => i));

function stored(...ranges: readonly (readonly [offset: number, bytes: number])[]): StoredTensor {
  const chunks = ranges.map(([offset, bytes]) => ({ offset, bytes }));
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0);
  return { dtype: 'UInt8', storedAs: 'UInt8', shape: [bytes], bytes, chunks };
}

test('chunks are joined in their order, at once or later as the source answers', async () => {
  const tensor = stored([8, 2], [0, 1], [3, 3]);
  expect(readTensor(source, tensor)).toEqual(Uint8Array.of(8, 9, 0, 3, 4, 5));
  const later = readTensor(laterSource(source), tensor);
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toEqual(Uint8Array.of(8, 9, 0, 3, 4, 5));
});

test('bfloat16 stored as float32 is cut, not rounded', () => {
  const tensor: StoredTensor = {
    dtype: 'BFloat16',
    storedAs: 'Float32',
    shape: [2],
    bytes: 4,
    chunks: [{ offset: 0, bytes: 8 }],
  };
  expect(readTensor(sourceOf(hex('ffff803f0000c0bf')), tensor)).toEqual(hex('803fc0bf'));
});

test('an entry of another, longer file is refused before memory is taken', () => {
  expect(() => readTensor(source, stored([10, 7]))).toThrow(expect.objectContaining({ code: 'truncated' }));
  const often = Array.from({ length: 20 }, () => [0, 16] as const);
  expect(() => readTensor(source, stored(...often))).toThrow(expect.objectContaining({ code: 'truncated' }));
  expect(() => readTensor(source, { ...stored([10, 7]), name: 'w' })).toThrow(/^w reaches to byte 17/);
});

test('4 GiB are to be read in chunks', () => {
  const large = sparseSource(2 ** 33, []);
  expect(() => readTensor(large, stored([0, MAX_READ_BYTES + 1]))).toThrow(expect.objectContaining({ code: 'limit' }));
});
