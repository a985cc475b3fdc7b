import type { ByteSource } from '@cairn/bytes';
import { elementBytes } from '@cairn/bytes';
import type { Chunk, StoredTensor } from './checkpoint-index.ts';
import { CkptError } from './ckpt-error.ts';
import type { Steps } from './steps.ts';
import { fill, runSteps } from './steps.ts';

type NamedTensor = StoredTensor & { readonly name?: string };

/**
 * A run of elements of a tensor, in C order, little-endian, at the width of its dtype; what lies around it is not read.
 *
 * @param tensor an entry of this source's index
 * @param begin  first element, counted over the flat tensor
 * @param end    behind the last one
 * @returns the bytes; at once when the source answers at once
 * @throws CkptError (or rejects) `truncated` when the source is shorter than the entry says; RangeError when the run is
 *         not inside the tensor
 */
export function readElements(
  source: ByteSource,
  tensor: NamedTensor,
  begin: number,
  end: number,
): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
  return runSteps(elementSteps(source, tensor, begin, end));
}

/** As {@link readElements}. bfloat16 that is stored as float32 is cut to its upper halves (mindspore-formats §1.2). */
export function* elementSteps(
  source: ByteSource,
  tensor: NamedTensor,
  begin: number,
  end: number,
): Steps<Uint8Array<ArrayBuffer>> {
  if (!(begin >= 0 && begin <= end && end <= tensor.bytes / elementBytes(tensor.dtype))) {
    throw new RangeError(`elements ${begin} to ${end} of ${tensor.name ?? 'a tensor'} of shape [${tensor.shape}]`);
  }
  checkReach(source, tensor);
  const width = elementBytes(tensor.storedAs);
  const content = new Uint8Array((end - begin) * width);
  yield* fillFrom(source, tensor.chunks, begin * width, content);
  return tensor.storedAs === tensor.dtype ? content : upperHalves(content);
}

/** An index of another file would make a program ask for memory that no file holds. */
function checkReach(source: ByteSource, { chunks, name }: NamedTensor): void {
  const stored = chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  const end = chunks.reduce((last, { offset, bytes }) => Math.max(last, offset + bytes), 0);
  if (end <= source.size && stored <= source.size) return;
  const message = `${name ?? 'the tensor'} reaches to byte ${end}, the source ends at ${source.size}`;
  throw new CkptError('truncated', `${message}: the file was cut, or is another one`, {
    byte: source.size,
    ...(name === undefined ? {} : { tensor: name }),
  });
}

/** Fills `into` from byte `from` of the content that the chunks are together. */
function* fillFrom(source: ByteSource, chunks: readonly Chunk[], from: number, into: Uint8Array): Steps<void> {
  let begin = 0;
  let done = 0;
  for (const { offset, bytes } of chunks) {
    const skip = Math.max(0, from - begin);
    begin += bytes;
    if (skip >= bytes || done === into.length) continue;
    const part = into.subarray(done, done + bytes - skip);
    yield* fill(source, offset + skip, part);
    done += part.length;
  }
}

/** float32 → bfloat16 by leaving out the lower two of four bytes. */
function upperHalves(floats: Uint8Array): Uint8Array<ArrayBuffer> {
  const halves = new Uint8Array(floats.length / 2);
  for (let i = 0; i < halves.length; i += 2) {
    halves[i] = floats[2 * i + 2]!;
    halves[i + 1] = floats[2 * i + 3]!;
  }
  return halves;
}
