import type { ByteSource } from '@cairn/bytes';
import type { StoredTensor } from './checkpoint-index.ts';
import { CkptError } from './ckpt-error.ts';
import { MAX_READ_BYTES } from './limits.ts';
import type { Steps } from './steps.ts';
import { fill, runSteps } from './steps.ts';

/**
 * The content of a tensor: its elements in C order, little-endian, `tensor.bytes` long.
 *
 * bfloat16 that is stored as float32 is cut to its upper halves, as MindSpore does on loading (mindspore-formats §1.2).
 *
 * @param tensor an entry of this source's index
 * @returns the bytes; at once when the source answers at once
 * @throws CkptError (or rejects) `truncated` when the source is shorter than the entry says, `limit` for a tensor of
 *         4 GiB or more: read its `chunks` piece by piece
 */
export function readTensor(
  source: ByteSource,
  tensor: StoredTensor & { readonly name?: string },
): Uint8Array | Promise<Uint8Array> {
  return runSteps(readSteps(source, tensor));
}

function* readSteps(source: ByteSource, tensor: StoredTensor & { readonly name?: string }): Steps<Uint8Array> {
  const place = tensor.name === undefined ? {} : { tensor: tensor.name };
  const stored = tensor.chunks.reduce((sum, { bytes }) => sum + bytes, 0);
  const end = tensor.chunks.reduce((last, { offset, bytes }) => Math.max(last, offset + bytes), 0);
  if (end > source.size || stored > source.size) {
    const message = `${tensor.name ?? 'the tensor'} reaches to byte ${end}, the source ends at ${source.size}`;
    throw new CkptError('truncated', `${message}: the file was cut, or is another one`, {
      byte: source.size,
      ...place,
    });
  }
  if (stored > MAX_READ_BYTES) {
    const message = `${tensor.name ?? 'the tensor'} has ${stored} bytes, more than ${MAX_READ_BYTES}`;
    throw new CkptError('limit', `${message}: read its chunks piece by piece`, place);
  }
  const content = new Uint8Array(stored);
  let at = 0;
  for (const { offset, bytes } of tensor.chunks) {
    yield* fill(source, offset, content.subarray(at, at + bytes));
    at += bytes;
  }
  return tensor.storedAs === tensor.dtype ? content : upperHalves(content);
}

/** float32 → bfloat16 by leaving out the lower two of four bytes. */
function upperHalves(floats: Uint8Array): Uint8Array {
  const halves = new Uint8Array(floats.length / 2);
  for (let i = 0; i < halves.length; i += 2) {
    halves[i] = floats[2 * i + 2]!;
    halves[i + 1] = floats[2 * i + 3]!;
  }
  return halves;
}
