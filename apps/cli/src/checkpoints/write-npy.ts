import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ByteSource, ElementType } from '@cairn/bytes';
import type { TensorEntry } from '@cairn/ckpt-format';
import { elementValues, tensorPieces } from '@cairn/ckpt-format';
import { localFolder } from '@cairn/storage';
import { npyHeader } from '../render/array/npy-header.ts';

export interface NpyOptions {
  readonly source: ByteSource;
  readonly entry: TensorEntry;
  /** The file to write; one that is there is replaced. */
  readonly file: string;
  readonly signal: AbortSignal;
}

/** What a NumPy file holds instead of types that numpy does not have. */
const STORED_AS: Partial<Readonly<Record<ElementType, ElementType>>> = { BFloat16: 'Float32', Int4: 'UInt8' };

/**
 * Writes a tensor of any size to a NumPy file, which appears when it is complete.
 *
 * @returns the size of the file and the type of its elements
 * @throws StorageError when it cannot be written, AbortError; nothing is left then
 */
export async function writeNpy({ source, entry, file, signal }: NpyOptions): Promise<{
  readonly bytes: number;
  readonly storedAs: ElementType;
}> {
  const { dtype, shape } = entry;
  const folder = localFolder(path.dirname(file));
  const draft = await folder.create(path.basename(file));
  try {
    const header = npyHeader(dtype, shape);
    await draft.write(0, header);
    let at = header.length;
    for await (const { bytes } of tensorPieces(source, entry)) {
      // Reads and writes are synchronous: here signals get their turn.
      await setImmediate();
      signal.throwIfAborted();
      const content = dtype === 'BFloat16' ? bytesOf(elementValues(dtype, bytes)) : bytes;
      await draft.write(at, content);
      at += content.length;
    }
    await folder.commit([draft]);
    return { bytes: at, storedAs: STORED_AS[dtype] ?? dtype };
  } finally {
    await draft.discard();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
