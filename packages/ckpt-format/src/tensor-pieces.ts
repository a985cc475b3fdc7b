import type { ByteSource } from '@cairn/bytes';
import { elementBytes } from '@cairn/bytes';
import type { StoredTensor } from './checkpoint-index.ts';
import { PIECE_BYTES } from './limits.ts';
import { readElements } from './read-elements.ts';

/** A run of elements of a tensor. */
export interface ElementRun {
  /** First element, counted over the flat tensor. */
  readonly begin: number;
  /** Whole elements at the width of the tensor's dtype, little-endian; never empty. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The content of a tensor of any size, a few MiB at a time, in C order. Pieces hold whole elements, wherever the file
 * cuts the tensor.
 *
 * @throws CkptError `truncated` when the source is shorter than the entry says
 */
export async function* tensorPieces(
  source: ByteSource,
  tensor: StoredTensor & { readonly name?: string },
): AsyncGenerator<ElementRun, void> {
  const width = elementBytes(tensor.dtype);
  const elements = tensor.bytes / width;
  const step = PIECE_BYTES / width;
  for (let begin = 0; begin < elements; begin += step) {
    yield { begin, bytes: await readElements(source, tensor, begin, Math.min(elements, begin + step)) };
  }
}
