import { sourceOf } from '@cairn/bytes';
import { describe, expect, test } from 'vitest';
import { concat } from '../../test/build-ckpt.ts';
import { indexNow, laterSource, sparseSource } from '../../test/sources.ts';
import type { CheckpointIndex } from '../index.ts';
import { indexCheckpoint } from '../index.ts';
import { MAX_AXES, MAX_ENTRIES, MAX_HEADER_BYTES } from '../limits.ts';

/** A file of a header, as text or as what JSON makes of it, and zeros. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const length = new Uint8Array(BigUint64Array.of(BigInt(json.length)).buffer);
  return concat(length, json, new Uint8Array(dataBytes));
}

function indexOf(header: unknown, dataBytes = 0): CheckpointIndex {
  return indexNow(sourceOf(file(header, dataBytes)), 'safetensors');
}

const f32 = (begin: number, end: number): object => ({
  dtype: 'F32',
  shape: [(end - begin) / 4],
  data_offsets: [begin, end],
});

describe('accepted', () => {
  test('tensors in any order that tile the data; they are listed as they lie', () => {
    const index = indexOf({ c: f32(12, 20), a: f32(0, 4), b: f32(4, 12) }, 20);
    expect(index.entries.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('tensors without elements at any border', () => {
    const empty = (at: number): object => ({ dtype: 'F32', shape: [0, 3], data_offsets: [at, at] });
    const index = indexOf({ z: empty(4), a: f32(0, 4), b: f32(4, 8), y: empty(8), x: empty(0) }, 8);
    expect(index.entries.map(({ name }) => name)).toEqual(['x', 'a', 'z', 'b', 'y']);
    expect(index.entries[0]).toMatchObject({ shape: [0, 3], bytes: 0, chunks: [] });
  });

  test('names that mean something in JavaScript', () => {
    const header =
      '{"__metadata__":{"__proto__":"m","constructor":"c"},"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}';
    const index = indexOf(header, 1);
    expect(index.entries).toMatchObject([{ name: '__proto__', dtype: 'UInt8' }]);
    expect(Object.entries(index.metadata)).toEqual([
      ['__proto__', 'm'],
      ['constructor', 'c'],
    ]);
    expect(index.metadata['toString']).toBeUndefined();
    expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
  });

  test('Int4 by its mark, only on stored Int8', () => {
    const info = (dtype: string, begin: number): object => ({ dtype, shape: [1], data_offsets: [begin, begin + 1] });
    const metadata = { a: 'Int4', b: 'Int4', c: 'int4' };
    const index = indexOf({ __metadata__: metadata, a: info('I8', 0), b: info('U8', 1), c: info('I8', 2) }, 3);
    expect(index.entries).toMatchObject([{ dtype: 'Int4' }, { dtype: 'UInt8' }, { dtype: 'Int8' }]);
  });

  test('unknown keys of a tensor, and spaces', () => {
    const header = ' { "a" : {"new":[{"x":null}],"dtype":"F32","shape":[ ],"data_offsets":[0, 4]} }  ';
    expect(indexOf(header, 4).entries).toMatchObject([{ name: 'a', shape: [] }]);
  });

  test('a source that answers later', async () => {
    const bytes = sourceOf(file({ a: f32(0, 4) }, 4));
    const later = indexCheckpoint(laterSource(bytes), 'safetensors');
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toEqual(indexNow(bytes, 'safetensors'));
  });
});

describe('refused', () => {
  test.each<[string, unknown, number, object]>([
    ['no tensor', {}, 0, { code: 'empty' }],
    ['only metadata', { __metadata__: { a: 'b' } }, 0, { code: 'empty' }],
    ['a gap', { a: f32(0, 4), b: f32(8, 12) }, 12, { code: 'malformed', tensor: 'b' }],
    ['a gap at the beginning', { a: f32(4, 8) }, 8, { code: 'malformed', tensor: 'a' }],
    ['an overlap', { a: f32(0, 8), b: f32(4, 12) }, 12, { code: 'malformed', tensor: 'b' }],
    ['two at one place', { a: f32(0, 4), b: f32(0, 4) }, 4, { code: 'malformed', tensor: 'b' }],
    ['an empty one inside another', { a: f32(0, 8), b: f32(4, 4) }, 8, { code: 'malformed', tensor: 'b' }],
    ['bytes behind', { a: f32(0, 4) }, 5, { code: 'malformed', byte: 66 }],
    ['cut data', { a: f32(0, 4), b: f32(4, 12) }, 11, { code: 'truncated', tensor: 'b' }],
    [
      'an unknown type',
      { a: { dtype: 'F8_E4M3', shape: [4], data_offsets: [0, 4] } },
      4,
      { code: 'unknown-dtype', tensor: 'a' },
    ],
    [
      'a size that does not fit',
      { a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } },
      4,
      { code: 'size-mismatch' },
    ],
    [
      'an end before the begin',
      { a: { dtype: 'F32', shape: [1], data_offsets: [4, 0] } },
      4,
      { code: 'size-mismatch' },
    ],
    ['no shape', { a: { dtype: 'F32', data_offsets: [0, 4] } }, 4, { code: 'malformed', tensor: 'a' }],
    ['one offset', { a: { dtype: 'F32', shape: [1], data_offsets: [0] } }, 4, { code: 'malformed', tensor: 'a' }],
    [
      'an offset beyond 2^53',
      '{"a":{"dtype":"F32","shape":[],"data_offsets":[9007199254740992,9007199254740996]}}',
      4,
      { code: 'malformed' },
    ],
    [
      'too many axes',
      { a: { dtype: 'I8', shape: Array(MAX_AXES + 1).fill(1), data_offsets: [0, 1] } },
      1,
      { code: 'limit' },
    ],
    [
      'a name twice',
      '{"a":{"dtype":"I8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[],"data_offsets":[0,1]}}',
      1,
      { code: 'duplicate' },
    ],
    [
      'half a surrogate pair in a name',
      '{"\\ud83d":{"dtype":"I8","shape":[],"data_offsets":[0,1]}}',
      1,
      { code: 'malformed' },
    ],
    ['metadata that is no text', { __metadata__: { a: 1 } }, 0, { code: 'malformed' }],
    ['a crc_num that is no number', { __metadata__: { crc_num: 'x' }, a: f32(0, 4) }, 4, { code: 'malformed' }],
    ['a list', [], 0, { code: 'malformed' }],
    ['no JSON', 'garbage', 0, { code: 'malformed' }],
  ])('%s', (_, header, dataBytes, expected) => {
    expect(() => indexOf(header, dataBytes)).toThrow(expect.objectContaining(expected));
  });

  test('a header beyond the limit or the file, before memory is taken for it', () => {
    const begin = (bytes: bigint): Uint8Array => new Uint8Array(BigUint64Array.of(bytes).buffer);
    const huge = sparseSource(2 * MAX_HEADER_BYTES, [{ offset: 0, bytes: begin(BigInt(MAX_HEADER_BYTES) + 1n) }]);
    expect(() => indexNow(huge, 'safetensors')).toThrow(expect.objectContaining({ code: 'limit' }));
    const beyond = sourceOf(concat(begin(11n), new Uint8Array(10)));
    expect(() => indexNow(beyond, 'safetensors')).toThrow(expect.objectContaining({ code: 'truncated' }));
    expect(() => indexNow(sourceOf(begin(1n << 63n)), 'safetensors')).toThrow(
      expect.objectContaining({ code: 'limit' }),
    );
  });

  test('more tensors than a file may have', () => {
    const tensors = Array.from(
      { length: MAX_ENTRIES + 1 },
      (_, i) => `"${i}":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}`,
    );
    expect(() => indexOf(`{${tensors.join()}}`)).toThrow(expect.objectContaining({ code: 'limit' }));
  }, 60_000);
});
