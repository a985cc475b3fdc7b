import type { ByteSource, ElementType } from '@cairn/bytes';
import { elementBytes, TensorDigest } from '@cairn/bytes';
import { boxElements } from '../box.ts';
import type { StoredSlice } from '../transform-plan.ts';
import { digestTile } from './digest-tile.ts';
import { readSlice } from './slice-reader.ts';
import { tilesOf } from './tiles.ts';
import type { Workspace } from './workspace.ts';

/**
 * The digest of a slice as it lies in a file: that of the tensor, when the digests of all its slices are combined.
 *
 * @param type of the tensor
 * @param full its full shape
 * @returns 16 hexadecimal digits
 * @throws TransformError `source-changed` when the file ends before the slice does
 */
export async function digestSlice(
  source: ByteSource,
  slice: StoredSlice,
  type: ElementType,
  full: readonly number[],
  workspace: Workspace,
): Promise<string> {
  const width = elementBytes(type);
  const digest = new TensorDigest(type, full);
  const at = workspace.inAt;
  let offset = 0;
  for (const box of tilesOf(slice.box, () => workspace.tileBytes / width)) {
    const bytes = boxElements(box) * width;
    const into = new Uint8Array(workspace.memory.buffer, at, bytes);
    await readSlice(source, slice, width, offset, into);
    digest.addPartial(digestTile({ box, at, width }, full, workspace));
    offset += bytes;
  }
  return digest.value();
}
