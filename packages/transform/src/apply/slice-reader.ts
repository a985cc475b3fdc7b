import type { ByteSource } from '@cairn/bytes';
import { elementBytes } from '@cairn/bytes';
import type { StoredSlice } from '../transform-plan.ts';
import { TransformError } from '../transform-error.ts';

/** float32 that is read at once to be cut to bfloat16. */
const WIDE_BYTES = 65_536;

/**
 * Fills `into` with bytes of a stored slice.
 *
 * @param width  bytes of an element of the tensor; wider stored elements are cut to their upper halves
 *               (bfloat16 of MindSpore 2.2, mindspore-formats §1.2)
 * @param offset first byte, counted over the slice at that width
 * @throws TransformError `source-changed` when the file ends before the slice does
 */
export async function readSlice(
  source: ByteSource,
  slice: StoredSlice,
  width: number,
  offset: number,
  into: Uint8Array,
): Promise<void> {
  const factor = elementBytes(slice.storedAs) / width;
  if (factor === 1) return readStored(source, slice, offset, into);
  const wide = new Uint8Array(Math.min(WIDE_BYTES, into.length * factor));
  for (let done = 0; done < into.length;) {
    const bytes = Math.min(wide.length, (into.length - done) * factor);
    const part = wide.subarray(0, bytes);
    await readStored(source, slice, (offset + done) * factor, part);
    upperHalves(part, into.subarray(done, done + bytes / factor));
    done += bytes / factor;
  }
}

/** From byte `from` of the content that the chunks are together. */
async function readStored(source: ByteSource, slice: StoredSlice, from: number, into: Uint8Array): Promise<void> {
  let begin = 0;
  let done = 0;
  for (const { offset, bytes } of slice.chunks) {
    const skip = Math.max(0, from + done - begin);
    begin += bytes;
    if (skip >= bytes || done === into.length) continue;
    const part = done === 0 && into.length <= bytes - skip ? into : into.subarray(done, done + bytes - skip);
    const answer = source.read(offset + skip, part);
    const read = typeof answer === 'number' ? answer : await answer;
    if (read !== part.length) throw shrunk(offset + skip + read);
    done += part.length;
  }
  if (done !== into.length) throw shrunk(from + done);
}

function shrunk(byte: number): TransformError {
  return new TransformError('source-changed', `a source file ends at byte ${byte}, before its contents do: plan again`);
}

function upperHalves(floats: Uint8Array, into: Uint8Array): void {
  for (let i = 0; i < into.length; i += 2) {
    into[i] = floats[2 * i + 2]!;
    into[i + 1] = floats[2 * i + 3]!;
  }
}
