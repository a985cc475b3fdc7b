import { TensorDigest } from '@cairn/bytes';
import type { TensorEntry } from '@cairn/ckpt-format';
import type { StoredDigest } from '@cairn/ckpt-format/folder';
import { RunError } from '../run-error.ts';
import { readSide } from './checkpoint-file.ts';
import type { ReadableCheckpoint } from './checkpoint-file.ts';

/**
 * A check of what is read from a file that was not proven before: holds a tensor against its digest beside the file,
 * where there is one, and throws a RunError, exit 4, when it does not fit.
 */
export function checkedContent(file: string): (tensor: TensorEntry, bytes: Uint8Array) => void {
  const side = readSide(file);
  return (tensor, bytes) => {
    const stored = side && Object.hasOwn(side.tensors, tensor.name) ? side.tensors[tensor.name] : undefined;
    if (stored === undefined || digestOf(tensor, bytes, stored) === stored.digest) return;
    const message = `${file}: ${tensor.name} does not fit the digest beside the file: its contents are damaged, take another copy`;
    throw new RunError('damaged', 4, message, { file, tensor: tensor.name, byte: tensor.chunks[0]?.offset });
  };
}

/** A checkpoint whose tensors are checked as they are read. */
export function verified(checkpoint: ReadableCheckpoint): ReadableCheckpoint {
  const check = checkedContent(checkpoint.file);
  return {
    ...checkpoint,
    async content(tensor) {
      const bytes = await checkpoint.content(tensor);
      check(tensor, bytes);
      return bytes;
    },
  };
}

/** The digest of what the file holds of a tensor; empty when it is not the part that the stored one is of. */
function digestOf(tensor: TensorEntry, bytes: Uint8Array, { shape, box }: StoredDigest): string {
  const part = box ?? shape.map((size) => [0, size] as const);
  const isPart =
    part.length === tensor.shape.length && part.every(([begin, end], axis) => end - begin === tensor.shape[axis]);
  return isPart ? new TensorDigest(tensor.dtype, shape).addBox(bytes, part).value() : '';
}
