import type { ByteSource } from '@cairn/bytes';
import { sourceOf, TensorDigest } from '@cairn/bytes';
import { describe, expect, test } from 'vitest';
import { concat, tensorEntry } from '../../test/build-ckpt.ts';
import { checkpointOf, sideOf } from '../../test/checkpoint-of.ts';
import { PIECE_BYTES } from '../limits.ts';
import type { ExpectedEntry, SideFile } from './index.ts';
import { proveWhole } from './index.ts';

const SPEC = { step: 8 };
const EXPECTED: ReadonlyMap<string, ExpectedEntry> = new Map([
  ['net.w', { dtype: 'Float32', shape: [3] }],
  ['net.b', { dtype: 'Float32', shape: [1] }],
  ['step_num', { dtype: 'Int64', shape: [] }],
]);

async function prove(
  bytes: Uint8Array,
  { expected = EXPECTED as typeof EXPECTED | null, side = null as SideFile | null },
) {
  return proveWhole(sourceOf(bytes), { format: 'ckpt', expected, side });
}

/** Where the first value of net.w lies: its bytes are those of 1, 2, 3. */
function contentOf(file: Uint8Array): number {
  return Buffer.from(file).indexOf(Buffer.from(Float32Array.of(1, 2, 3).buffer));
}

describe('a whole file', () => {
  test('rests on what there is', async () => {
    expect(await prove(await checkpointOf(SPEC), {})).toEqual({ whole: true, by: ['entries', 'structure'] });
    expect(await prove(await checkpointOf(SPEC), { expected: null })).toEqual({ whole: true, by: ['structure'] });
    expect(await prove(await checkpointOf({ ...SPEC, crc: true }), { side: sideOf(SPEC) })).toEqual({
      whole: true,
      by: ['digests', 'crc', 'entries', 'structure'],
    });
  });

  test('may hold more tensors than there are digests', async () => {
    const side = sideOf({ weights: { 'net.w': [1, 2, 3] } });
    expect(await prove(await checkpointOf(SPEC), { side })).toMatchObject({ whole: true });
  });

  test('in the other format as well', async () => {
    const source = sourceOf(await checkpointOf({ ...SPEC, format: 'safetensors', crc: true }));
    const proof = await proveWhole(source, { format: 'safetensors', expected: EXPECTED, side: sideOf(SPEC) });
    expect(proof).toEqual({ whole: true, by: ['digests', 'crc', 'entries', 'structure'] });
  });
});

describe('a damaged file', () => {
  test('is not whole, wherever it was cut', async () => {
    const file = await checkpointOf(SPEC);
    for (let bytes = 0; bytes < file.length; bytes++) {
      expect(await prove(file.subarray(0, bytes), {})).toMatchObject({ whole: false, differs: false });
      expect(await prove(file.subarray(0, bytes), { expected: null, side: sideOf(SPEC) })).toMatchObject({
        whole: false,
      });
    }
  });

  test('a flipped bit in a tensor is found by the digests, with tensor and byte', async () => {
    const file = await checkpointOf(SPEC);
    const at = contentOf(file);
    for (let bit = 0; bit < 12 * 8; bit++) {
      const flipped = file.slice();
      flipped[at + (bit >> 3)]! ^= 1 << (bit & 7);
      expect(await prove(flipped, { side: sideOf(SPEC) })).toMatchObject({ whole: false, tensor: 'net.w', byte: at });
      expect(await prove(flipped, {})).toMatchObject({ whole: true });
    }
  });

  test('any flipped bit is found by the CRC, also beside digests', async () => {
    const file = await checkpointOf({ ...SPEC, crc: true });
    for (let bit = 0; bit < file.length * 8; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      // Without its mark, the trailer is no entry either.
      expect(await prove(flipped, { expected: null })).toMatchObject({ whole: false });
      expect(await prove(flipped, { expected: null, side: sideOf(SPEC) })).toMatchObject({ whole: false });
    }
  });
});

describe('a file of something else', () => {
  test('differs, naming what does not fit', async () => {
    const wide = new Map([...EXPECTED, ['net.w', { dtype: 'Float32', shape: [4] } as const]]);
    expect(await prove(await checkpointOf(SPEC), { expected: wide })).toMatchObject({
      whole: false,
      differs: true,
      tensor: 'net.w',
      why: 'net.w has shape [3], the model wants [4]',
    });
    const more = new Map([...EXPECTED, ['net.c', { dtype: 'Float32', shape: [] } as const]]);
    expect(await prove(await checkpointOf(SPEC), { expected: more })).toMatchObject({ differs: true, tensor: 'net.c' });
  });

  test('without its last entry, the step, it was cut rather than of another model', async () => {
    expect(await prove(await checkpointOf({}), {})).toMatchObject({ whole: false, differs: false, tensor: 'step_num' });
  });

  test('does not fit the digests of another', async () => {
    const side = sideOf({ step: 9 });
    expect(await prove(await checkpointOf(SPEC), { side })).toMatchObject({ whole: false, tensor: 'step_num' });
    const more = sideOf({ ...SPEC, weights: { 'net.w': [1, 2, 3], 'net.b': [4], gone: [1] } });
    expect(await prove(await checkpointOf(SPEC), { side: more })).toMatchObject({ whole: false, tensor: 'gone' });
  });
});

describe('large tensors', () => {
  const elements = PIECE_BYTES / 4 + 100;
  const content = Uint8Array.from({ length: elements * 4 }, (_, i) => i * 13);

  /** Over three entries of the file, cut inside elements. */
  function sliced(bytes: Uint8Array, shape: readonly number[]): Uint8Array {
    const cuts = [0, 1001, PIECE_BYTES + 2, bytes.length];
    return concat(...cuts.slice(1).map((end, i) => tensorEntry('w', shape, 'Float32', bytes.slice(cuts[i], end))));
  }

  /** Keeps the length of every read. */
  function watched(bytes: Uint8Array): ByteSource & { readonly reads: number[] } {
    const source = sourceOf(bytes);
    const reads: number[] = [];
    return { size: source.size, reads, read: (offset, into) => (reads.push(into.length), source.read(offset, into)) };
  }

  test('a slice is digested piece by piece, over the entries it lies in', async () => {
    const [rows, columns] = [200, elements / 4];
    const box = [
      [40, 40 + 4],
      [0, columns],
    ] as const;
    const digest = new TensorDigest('Float32', [rows, columns]).addBox(content, box).value();
    const side = { ...sideOf(), tensors: { w: { digest, shape: [rows, columns], box } } };
    const source = watched(sliced(content, [4, columns]));
    const options = { format: 'ckpt', expected: null, side } as const;
    expect(await proveWhole(source, options)).toEqual({ whole: true, by: ['digests', 'structure'] });
    expect(Math.max(...source.reads)).toBeLessThanOrEqual(PIECE_BYTES);
    const flipped = content.slice();
    flipped[PIECE_BYTES + 77]! ^= 1;
    expect(await proveWhole(watched(sliced(flipped, [4, columns])), options)).toMatchObject({
      whole: false,
      tensor: 'w',
    });
  });

  test('a slice of another cut does not fit', async () => {
    const side = { ...sideOf(), tensors: { w: { digest: '0123456789abcdef', shape: [8], box: [[0, 4]] as const } } };
    const file = tensorEntry('w', [5], 'Float32', content.slice(0, 20));
    const proof = await proveWhole(sourceOf(file), { format: 'ckpt', expected: null, side });
    expect(proof).toMatchObject({ whole: false, tensor: 'w' });
  });
});

test('an error of the source is no verdict about the file', async () => {
  const file = await checkpointOf(SPEC);
  const broken: ByteSource = { size: file.length, read: () => Promise.reject(new Error('the disk is gone')) };
  await expect(proveWhole(broken, { format: 'ckpt', expected: null, side: null })).rejects.toThrow('the disk is gone');
});
