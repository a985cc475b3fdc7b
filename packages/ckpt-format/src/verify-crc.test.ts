import { sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyTensors, filled } from '../test/any-entries.ts';
import { indexNow, laterSource, MemorySink } from '../test/sources.ts';
import { indexCheckpoint, verifyCrc, writeCkpt, writeSafetensors } from './index.ts';

test('a flipped bit in a content is noticed in both formats, whatever way the source answers', async () => {
  await fc.assert(
    fc.asyncProperty(anyTensors(), fc.boolean(), fc.nat(), async (specs, safetensors, at) => {
      const sink = new MemorySink();
      await (safetensors ? writeSafetensors : writeCkpt)(sink, filled(specs), { crc: true });
      const bytes = sink.bytes;
      const format = safetensors ? 'safetensors' : 'ckpt';
      const chunks = indexNow(sourceOf(bytes), format).entries.flatMap((e) => (e.kind === 'tensor' ? e.chunks : []));
      const chunk = chunks[at % Math.max(chunks.length, 1)];
      fc.pre(chunk !== undefined);
      const damaged = bytes.slice();
      damaged[chunk.offset + (at % chunk.bytes)]! ^= 1 << (at % 8);
      const source = laterSource(sourceOf(damaged));
      expect(await verifyCrc(source, await indexCheckpoint(source, format))).toBe('mismatch');
      expect(await verifyCrc(sourceOf(bytes), indexNow(sourceOf(bytes), format))).toBe('ok');
    }),
  );
});

test('a damaged trailer number beyond 32 bits is a mismatch', async () => {
  const sink = new MemorySink();
  await writeCkpt(sink, [{ kind: 'text', name: 't', text: 'x' }], { crc: true });
  const bytes = sink.bytes.slice();
  bytes[bytes.length - 10] = 1;
  expect(await verifyCrc(sourceOf(bytes), indexNow(sourceOf(bytes)))).toBe('mismatch');
});

test('a file that has become shorter is told so', async () => {
  const sink = new MemorySink();
  await writeCkpt(sink, [{ kind: 'text', name: 't', text: 'x' }], { crc: true });
  const index = indexNow(sourceOf(sink.bytes));
  for (const bytes of [0, 10]) {
    const shorter = sourceOf(sink.bytes.subarray(0, bytes));
    await expect(verifyCrc(shorter, index)).rejects.toMatchObject({ code: 'truncated' });
  }
});
