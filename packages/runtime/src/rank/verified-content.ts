import { TensorDigest } from '@cairn/bytes';
import type { TensorEntry } from '@cairn/ckpt-format';
import type { StoredDigest } from '@cairn/ckpt-format/folder';
import { RunError } from '../run-error.ts';
import { readSide } from './checkpoint-file.ts';
import type { OpenCheckpoint } from './checkpoint-file.ts';

/**
 * A checkpoint whose tensors are held against the digests beside the file, where there are some, as they are read: for
 * files that were not proven before. Reading a damaged one is a RunError, exit 4.
 */
export function verified(checkpoint: OpenCheckpoint): OpenCheckpoint {
  const side = readSide(checkpoint.file);
  if (side === null) return checkpoint;
  return {
    ...checkpoint,
    async content(tensor) {
      const bytes = await checkpoint.content(tensor);
      const stored = Object.hasOwn(side.tensors, tensor.name) ? side.tensors[tensor.name] : undefined;
      if (stored === undefined || digestOf(tensor, bytes, stored) === stored.digest) return bytes;
      const { file } = checkpoint;
      const message = `${file}: ${tensor.name} does not fit the digest beside the file: its contents are damaged, take another copy`;
      throw new RunError('damaged', 4, message, { file, tensor: tensor.name, byte: tensor.chunks[0]?.offset });
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
