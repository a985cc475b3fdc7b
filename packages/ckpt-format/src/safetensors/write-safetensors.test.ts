import { readFileSync } from 'node:fs';
import { sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyTensors, contentsOf, filled, withContent } from '../../test/any-entries.ts';
import { indexNow, MemorySink, tensorsOf } from '../../test/sources.ts';
import type { CheckpointEntry, EntryToWrite, TensorToWrite } from '../index.ts';
import { layoutSafetensors, readTensor, verifyCrc, writeSafetensors } from '../index.ts';

const GOLDEN = new URL('../../../../conformance/golden/ckpt/', import.meta.url);

test.each([
  'dtypes.safetensors',
  'scalars.safetensors',
  'append.safetensors',
  'empty.safetensors',
  'crc_good.safetensors',
])('%s, read and written again, is byte for byte what MindSpore wrote', async (file) => {
  const bytes = new Uint8Array(readFileSync(new URL(file, GOLDEN)));
  const source = sourceOf(bytes);
  const index = indexNow(source, 'safetensors');
  const sink = new MemorySink();
  // The other way round: the order given does not matter.
  const entries = await Promise.all(index.entries.map((entry) => toWrite(entry)).reverse());
  const { metadata } = index;
  expect(await writeSafetensors(sink, entries, { metadata, crc: index.crc !== null })).toEqual({ bytes: bytes.length });
  expect(Buffer.from(sink.bytes).toString('latin1')).toBe(Buffer.from(bytes).toString('latin1'));

  async function toWrite(entry: CheckpointEntry): Promise<TensorToWrite> {
    if (entry.kind !== 'tensor') throw new Error('safetensors files hold tensors only');
    return { ...entry, content: await readTensor(source, entry) };
  }
});

test('what is written is read back, however the contents are cut', async () => {
  const given = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(
      anyTensors(),
      fc.option(fc.integer({ min: 1, max: 50 })),
      fc.boolean(),
      given,
      async (specs, cut, crc, metadata) => {
        fc.pre(specs.every(({ name }) => !Object.hasOwn(metadata, name)));
        const sink = new MemorySink();
        const { bytes } = await writeSafetensors(sink, filled(specs, cut ?? undefined), { metadata, crc });
        expect(bytes).toBe(sink.bytes.length);
        const source = sourceOf(sink.bytes);
        const index = indexNow(source, 'safetensors');
        const texts = Object.entries({ format: 'ms', ...metadata });
        expect(Object.entries(index.metadata)).toEqual(expect.arrayContaining(texts));
        expect(await tensorsOf(source, index)).toEqual(contentsOf(specs));
        expect(await verifyCrc(source, index)).toBe(crc ? 'ok' : 'absent');
      },
    ),
  );
});

test('a CRC of few digits leaves a header that is padded with spaces', async () => {
  const sink = new MemorySink();
  // CRC-32 of this name and a zero byte is 11202 (zlib).
  const entry = { kind: 'tensor', name: 'n11ts', dtype: 'UInt8', shape: [], content: new Uint8Array(1) } as const;
  const { bytes } = await writeSafetensors(sink, [entry], { crc: true });
  const source = sourceOf(sink.bytes);
  const index = indexNow(source, 'safetensors');
  expect(index).toMatchObject({ crc: 11_202, bytes });
  expect(await verifyCrc(source, index)).toBe('ok');
});

test('without a CRC writes ascend', async () => {
  const sink = new MemorySink();
  await writeSafetensors(sink, [
    withContent({ kind: 'tensor', name: 'a', dtype: 'Int8', shape: [3_000_000] }),
    withContent({ kind: 'tensor', name: 'b', dtype: 'Float32', shape: [1_000_000] }),
  ]);
  expect(sink.offsets.length).toBeGreaterThan(1);
  expect([...sink.offsets].sort((a, b) => a - b)).toEqual(sink.offsets);
});

describe('refused before anything is written', () => {
  const int8 = (name: string, dtype: 'Int8' | 'Int4' = 'Int8'): TensorToWrite =>
    withContent({ kind: 'tensor', name, dtype, shape: [1] });

  test.each<[string, EntryToWrite[], Record<string, string>, string]>([
    ['nothing', [], {}, 'empty'],
    ['a name twice', [int8('w'), int8('w')], {}, 'duplicate'],
    ['a text', [{ kind: 'text', name: 't', text: 'x' }], {}, 'unwritable'],
    ['a tensor named like the metadata', [int8('__metadata__')], {}, 'unwritable'],
    ['metadata that would make Int8 an Int4', [int8('w')], { w: 'Int4' }, 'unwritable'],
    ['metadata where an Int4 mark must be', [int8('w', 'Int4')], { w: 'x' }, 'unwritable'],
    ['an Int4 named format', [int8('format', 'Int4')], {}, 'unwritable'],
    ['half a surrogate pair in metadata', [int8('w')], { a: '\ud800' }, 'unwritable'],
  ])('%s', async (_, entries, metadata, code) => {
    const sink = new MemorySink();
    await expect(writeSafetensors(sink, entries, { metadata })).rejects.toMatchObject({ code });
    expect(sink.offsets).toEqual([]);
  });
});

test('the CRC of another file is not carried over', async () => {
  const sink = new MemorySink();
  const w = withContent({ kind: 'tensor', name: 'w', dtype: 'Int8', shape: [1] });
  await writeSafetensors(sink, [w], { metadata: { crc_num: '123', remove_redundancy: 'True' } });
  const { crc, metadata } = indexNow(sourceOf(sink.bytes), 'safetensors');
  expect(crc).toBeNull();
  expect({ ...metadata }).toEqual({ format: 'ms', remove_redundancy: 'True' });
});

test('the layout gives the places of contents in the order of the file', () => {
  const layout = layoutSafetensors([
    { kind: 'tensor', name: 'b', dtype: 'Int8', shape: [3] },
    { kind: 'tensor', name: '\u{1f600}', dtype: 'Float32', shape: [] },
    { kind: 'tensor', name: '\u{ffff}', dtype: 'Float32', shape: [2] },
  ]);
  const begin = layout.head.length;
  expect(begin % 8).toBe(0);
  expect(layout.entries.map(({ name, parts }) => [name, parts[0]?.offset])).toEqual([
    ['\u{ffff}', begin],
    ['\u{1f600}', begin + 8],
    ['b', begin + 12],
  ]);
  expect(layout.bytes).toBe(begin + 15);
});
