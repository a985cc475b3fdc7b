import type { ByteSource } from '@cairn/bytes';
import { sourceOf } from '@cairn/bytes';
import { expect, test } from 'vitest';
import { concat, tensorEntry } from '../test/build-ckpt.ts';
import { indexNow, sparseSource } from '../test/sources.ts';
import type { StoredTensor, TensorEntry } from './index.ts';
import { readTensor, tensorPieces } from './index.ts';
import { PIECE_BYTES } from './limits.ts';

test('a tensor over several entries that are cut inside elements comes in pieces of whole elements', async () => {
  const elements = PIECE_BYTES / 8 + 5;
  const content = Uint8Array.from({ length: elements * 8 }, (_, i) => i * 31);
  const cuts = [0, 13, PIECE_BYTES - 3, content.length];
  const parts = cuts.slice(1).map((end, i) => tensorEntry('w', [elements], 'Float64', content.slice(cuts[i], end)));
  const source = sourceOf(concat(...parts));
  const entry = indexNow(source).entries[0] as TensorEntry; // the only entry is a tensor
  expect(entry.chunks).toHaveLength(3);
  const runs: { begin: number; bytes: Uint8Array }[] = [];
  for await (const run of tensorPieces(source, entry)) runs.push(run);
  expect(runs.map(({ begin, bytes }) => [begin, bytes.length])).toEqual([
    [0, PIECE_BYTES],
    [PIECE_BYTES / 8, 40],
  ]);
  expect(Buffer.compare(concat(...runs.map(({ bytes }) => bytes)), content)).toBe(0);
  expect(Buffer.compare(readTensor(source, entry) as Uint8Array, content)).toBe(0);
});

test('of a tensor beyond 4 GiB no more is read at once than a piece', async () => {
  const bytes = 6 * 2 ** 30;
  const chunks = [{ offset: 100, bytes }];
  const tensor: StoredTensor = { dtype: 'Float32', storedAs: 'Float32', shape: [bytes / 4], bytes, chunks };
  const reads: number[] = [];
  const file = sparseSource(bytes + 100, []);
  const source: ByteSource = {
    size: file.size,
    read: (offset, into) => (reads.push(into.length), file.read(offset, into)),
  };
  const begins: number[] = [];
  for await (const { begin } of tensorPieces(source, tensor)) {
    begins.push(begin);
    if (begins.length === 5) break;
  }
  expect(begins).toEqual([0, 1, 2, 3, 4].map((i) => (i * PIECE_BYTES) / 4));
  expect(reads).toEqual(begins.map(() => PIECE_BYTES));
});

test('a tensor without elements has no piece, a scalar one', async () => {
  const scalar: StoredTensor = {
    dtype: 'Int64',
    storedAs: 'Int64',
    shape: [],
    bytes: 8,
    chunks: [{ offset: 0, bytes: 8 }],
  };
  const count = async (tensor: StoredTensor): Promise<number> => {
    let pieces = 0;
    for await (const { bytes } of tensorPieces(sourceOf(new Uint8Array(8)), tensor)) pieces += bytes.length;
    return pieces;
  };
  expect(await count(scalar)).toBe(8);
  expect(await count({ ...scalar, shape: [0, 3], bytes: 0, chunks: [] })).toBe(0);
});
