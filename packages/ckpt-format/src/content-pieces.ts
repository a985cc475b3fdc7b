import { CkptError } from './ckpt-error.ts';
import type { TensorToWrite } from './entry-to-write.ts';

/**
 * The content of a tensor piece by piece.
 *
 * @param bytes how many there must be
 * @throws CkptError `size-mismatch` before a byte too many is given, or when the content ends early
 */
export async function* contentPieces(tensor: TensorToWrite, bytes: number): AsyncGenerator<Uint8Array, void> {
  const { content } = tensor;
  let given = 0;
  for await (const piece of content instanceof Uint8Array ? [content] : content) {
    given += piece.length;
    if (given > bytes) throw mismatch(tensor, `at least ${given}`, bytes);
    yield piece;
  }
  if (given < bytes) throw mismatch(tensor, `${given}`, bytes);
}

function mismatch({ name, dtype, shape }: TensorToWrite, given: string, wanted: number): CkptError {
  const message = `${name} is ${dtype}[${shape}] of ${wanted} bytes, its content has ${given}`;
  return new CkptError('size-mismatch', message, { tensor: name });
}
