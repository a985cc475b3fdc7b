import { readFileSync } from 'node:fs';
import { sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anySpecs, contentsOf, filled } from '../../test/any-entries.ts';
import { indexNow, MemorySink, tensorsOf } from '../../test/sources.ts';
import type { CheckpointEntry, EntryToWrite } from '../index.ts';
import { readTensor, verifyCrc, writeCkpt } from '../index.ts';
import { layoutCkpt } from './layout-ckpt.ts';

const GOLDEN = new URL('../../../../conformance/golden/ckpt/', import.meta.url);

test.each(['append.ckpt', 'dtypes.ckpt', 'scalars.ckpt', 'names.ckpt', 'empty_async.ckpt', 'crc_good.ckpt'])(
  '%s, read and written again, is byte for byte what MindSpore wrote',
  async (file) => {
    const bytes = new Uint8Array(readFileSync(new URL(file, GOLDEN)));
    const source = sourceOf(bytes);
    const index = indexNow(source);
    const again = new MemorySink();
    const entries = await Promise.all(
      index.entries.map(async (entry: CheckpointEntry): Promise<EntryToWrite> => {
        if (entry.kind === 'map') throw new Error('these files have no maps');
        return entry.kind === 'text' ? entry : { ...entry, content: await readTensor(source, entry) };
      }),
    );
    expect(await writeCkpt(again, entries, { crc: index.crc !== null })).toEqual({ bytes: bytes.length });
    expect(again.bytes).toEqual(bytes);
  },
);

test('the trailer is the one of mindspore-formats §1.3', async () => {
  const sink = new MemorySink();
  const content = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer);
  const epoch = new Uint8Array(BigInt64Array.of(7n).buffer);
  const entries: EntryToWrite[] = [
    { kind: 'tensor', name: 'w', dtype: 'Float32', shape: [2, 3], content },
    { kind: 'tensor', name: 'epoch_num', dtype: 'Int64', shape: [], content: epoch },
    { kind: 'text', name: 'note', text: 'ok' },
  ];
  await writeCkpt(sink, entries, { crc: true });
  expect(Buffer.from(sink.bytes.subarray(-17)).toString('hex')).toBe('6372635f6e756d000000000000cdd6f856');
});

test('what is written is read back, however the contents are cut', async () => {
  await fc.assert(
    fc.asyncProperty(anySpecs(), fc.option(fc.integer({ min: 1, max: 50 })), fc.boolean(), async (specs, cut, crc) => {
      const sink = new MemorySink();
      const { bytes } = await writeCkpt(sink, filled(specs, cut ?? undefined), { crc });
      expect(bytes).toBe(sink.bytes.length);
      const source = sourceOf(sink.bytes);
      const index = indexNow(source);
      expect(index.entries).toMatchObject(specs);
      expect(await tensorsOf(source, index)).toEqual(contentsOf(specs));
      expect(await verifyCrc(source, index)).toBe(crc ? 'ok' : 'absent');
    }),
  );
});

test('600 MiB stream through in ascending writes, cut at 512 MiB', async () => {
  const shape = [150, 1_048_576];
  const layout = layoutCkpt([{ kind: 'tensor', name: 'w', dtype: 'Float32', shape }]);
  const heads: number[] = [];
  let end = 0;
  const sink = {
    write(offset: number, bytes: Uint8Array): void {
      expect(offset).toBe(end);
      end += bytes.length;
      if (bytes[0] === 0x0a) heads.push(offset);
    },
  };
  await writeCkpt(sink, [{ kind: 'tensor', name: 'w', dtype: 'Float32', shape, content: zeros(200, 3 * 2 ** 20) }]);
  expect(end).toBe(layout.bytes);
  expect(heads).toEqual(layout.entries[0]?.parts.map(({ headerOffset }) => headerOffset));
});

describe('a content that does not fit its shape is refused', () => {
  const tensor = { kind: 'tensor', name: 'w', dtype: 'Float32', shape: [2] } as const;

  test.each([
    ['too short', new Uint8Array(7)],
    ['too long', new Uint8Array(9)],
    ['a stream that is too short', zeros(7, 1)],
    ['a stream that is too long', zeros(9, 1)],
  ])('%s', async (_, content) => {
    const written = writeCkpt(new MemorySink(), [{ ...tensor, content }]);
    await expect(written).rejects.toMatchObject({ code: 'size-mismatch', tensor: 'w' });
  });
});

async function* zeros(pieces: number, bytes: number): AsyncGenerator<Uint8Array, void> {
  const piece = new Uint8Array(bytes);
  for (let i = 0; i < pieces; i++) yield piece;
}
