import type { ByteSource } from '@cairn/bytes';
import { crc32 } from '@cairn/bytes';
import type { CheckpointIndex, Chunk } from './checkpoint-index.ts';
import { byCodePoints } from './safetensors/code-point-order.ts';
import type { Steps } from './steps.ts';
import { fill, runSteps } from './steps.ts';
import { encodeUtf8 } from './utf8.ts';

/** Read at once; fits the second-level cache. */
const BLOCK_BYTES = 1_048_576;

/**
 * Compares the stored CRC-32 with the bytes. Memory does not depend on the file.
 *
 * `.ckpt`: everything before the trailer (mindspore-formats §1.6). safetensors: names and contents in the order of
 * the names' code points (§2.2).
 *
 * @param index of this source
 * @returns `absent` when the file stores none; MindSpore then only warns
 * @throws CkptError `truncated` when the source has become shorter
 */
export async function verifyCrc(source: ByteSource, index: CheckpointIndex): Promise<'ok' | 'absent' | 'mismatch'> {
  if (index.crc === null) return 'absent';
  const crc = await runSteps(index.format === 'ckpt' ? crcOfFile(source, index) : crcOfTensors(source, index));
  return crc === index.crc ? 'ok' : 'mismatch';
}

function* crcOfFile(source: ByteSource, index: CheckpointIndex): Steps<number> {
  return yield* crcOfRange(source, { offset: 0, bytes: index.dataEnd }, 0, blockFor(source));
}

function* crcOfTensors(source: ByteSource, index: CheckpointIndex): Steps<number> {
  const block = blockFor(source);
  let crc = 0;
  for (const entry of [...index.entries].sort((a, b) => byCodePoints(a.name, b.name))) {
    crc = crc32(encodeUtf8(entry.name), crc);
    for (const chunk of entry.kind === 'tensor' ? entry.chunks : []) {
      crc = yield* crcOfRange(source, chunk, crc, block);
    }
  }
  return crc;
}

function blockFor(source: ByteSource): Uint8Array {
  return new Uint8Array(Math.min(BLOCK_BYTES, Math.max(source.size, 1)));
}

function* crcOfRange(source: ByteSource, range: Chunk, before: number, block: Uint8Array): Steps<number> {
  const end = range.offset + range.bytes;
  let crc = before;
  for (let at = range.offset; at < end; at += block.length) {
    const into = block.subarray(0, Math.min(block.length, end - at));
    yield* fill(source, at, into);
    crc = crc32(into, crc);
  }
  return crc;
}
