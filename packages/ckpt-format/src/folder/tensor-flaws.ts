import type { ByteSource } from '@cairn/bytes';
import { elementBytes, TensorDigest } from '@cairn/bytes';
import type { CheckpointIndex, TensorEntry } from '../checkpoint-index.ts';
import { PIECE_BYTES } from '../limits.ts';
import { readElements } from '../read-elements.ts';
import type { SideFile, StoredDigest } from './side-file.ts';
import { slicePieces } from './slice-pieces.ts';

/** What is wrong with a checkpoint file, and where. */
export interface Flaw {
  readonly why: string;
  readonly tensor: string | null;
  /** Offset in the file. */
  readonly byte: number | null;
}

/**
 * The tensors of a file that do not fit the digests beside it, and those of the digests that the file does not have.
 * Tensors are read a few MiB at a time.
 *
 * @throws CkptError when the source ends early
 */
export async function* tensorFlaws(
  source: ByteSource,
  index: CheckpointIndex,
  side: SideFile,
): AsyncGenerator<Flaw, void> {
  const tensors = new Map(index.entries.flatMap((entry) => (entry.kind === 'tensor' ? [[entry.name, entry]] : [])));
  for (const entry of tensors.values()) {
    const stored = Object.hasOwn(side.tensors, entry.name) ? side.tensors[entry.name] : undefined;
    if (stored === undefined || (await digestOf(source, entry, stored)) === stored.digest) continue;
    const why = `${entry.name} does not fit the digest beside the file: its contents are damaged`;
    yield { why, tensor: entry.name, byte: entry.chunks[0]?.offset ?? null };
  }
  for (const name of Object.keys(side.tensors)) {
    if (!tensors.has(name)) yield { why: `${name} is missing, the file beside it lists it`, tensor: name, byte: null };
  }
}

/** The digest of what the file holds of a tensor; empty when the file holds another part of it. */
async function digestOf(source: ByteSource, entry: TensorEntry, { shape, box }: StoredDigest): Promise<string> {
  const axes = box ?? shape.map((size) => [0, size] as const);
  const fits =
    axes.length === entry.shape.length && axes.every(([begin, end], axis) => end - begin === entry.shape[axis]);
  if (!fits) return '';
  const digest = new TensorDigest(entry.dtype, shape);
  for (const { begin, elements, box } of slicePieces(axes, PIECE_BYTES / elementBytes(entry.dtype))) {
    digest.addBox(await readElements(source, entry, begin, begin + elements), box);
  }
  return digest.value();
}
