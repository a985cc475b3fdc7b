import type { ByteSource } from '@cairn/bytes';
import { elementBytes } from '@cairn/bytes';
import type { StoredTensor } from './checkpoint-index.ts';
import { CkptError } from './ckpt-error.ts';
import { MAX_READ_BYTES } from './limits.ts';
import { elementSteps } from './read-elements.ts';
import type { Steps } from './steps.ts';
import { runSteps } from './steps.ts';

/**
 * The content of a tensor: its elements in C order, little-endian, `tensor.bytes` long.
 *
 * bfloat16 that is stored as float32 is cut to its upper halves, as MindSpore does on loading (mindspore-formats §1.2).
 *
 * @param tensor an entry of this source's index
 * @returns the bytes; at once when the source answers at once
 * @throws CkptError (or rejects) `truncated` when the source is shorter than the entry says, `limit` for a tensor of
 *         4 GiB or more: read it with `tensorPieces`
 */
export function readTensor(
  source: ByteSource,
  tensor: StoredTensor & { readonly name?: string },
): Uint8Array | Promise<Uint8Array> {
  return runSteps(readSteps(source, tensor));
}

function* readSteps(source: ByteSource, tensor: StoredTensor & { readonly name?: string }): Steps<Uint8Array> {
  const elements = tensor.bytes / elementBytes(tensor.dtype);
  const stored = elements * elementBytes(tensor.storedAs);
  if (stored > MAX_READ_BYTES && stored <= source.size) {
    const message = `${tensor.name ?? 'the tensor'} has ${stored} bytes, more than ${MAX_READ_BYTES}`;
    const place = tensor.name === undefined ? {} : { tensor: tensor.name };
    throw new CkptError('limit', `${message}: read it piece by piece`, place);
  }
  return yield* elementSteps(source, tensor, 0, elements);
}
