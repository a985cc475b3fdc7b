import type { ByteSink, ByteSource } from '@cairn/bytes';
import type { CheckpointIndex } from '../src/index.ts';
import { indexCheckpoint, readTensor } from '../src/index.ts';

/** A source whose answers come later, as those of an object store. */
export function laterSource(source: ByteSource): ByteSource {
  return { size: source.size, read: async (offset, into) => source.read(offset, into) };
}

/** Index of a source that answers at once: the result is no promise. */
export function indexNow(source: ByteSource, format: 'ckpt' | 'safetensors' = 'ckpt'): CheckpointIndex {
  const index = indexCheckpoint(source, format);
  if (index instanceof Promise) throw new Error('the index was not there at once');
  return index;
}

/** The tensors of a file with their contents, by name. */
export async function tensorsOf(source: ByteSource, index: CheckpointIndex): Promise<Map<string, object>> {
  const tensors = index.entries.filter((entry) => entry.kind === 'tensor');
  return new Map(
    await Promise.all(
      tensors.map(async (entry) => {
        const { name, dtype, shape } = entry;
        return [name, { dtype, shape, content: await readTensor(source, entry) }] as const;
      }),
    ),
  );
}

/** A file of any size that is zeros but for the parts given. */
export function sparseSource(size: number, parts: readonly { offset: number; bytes: Uint8Array }[]): ByteSource {
  return {
    size,
    read(offset, into) {
      const length = Math.min(into.length, size - offset);
      into.fill(0);
      for (const part of parts) {
        const from = Math.max(offset, part.offset);
        const to = Math.min(offset + length, part.offset + part.bytes.length);
        if (from < to) into.set(part.bytes.subarray(from - part.offset, to - part.offset), from - offset);
      }
      return length;
    },
  };
}

/** Keeps what is written, at its place. */
export class MemorySink implements ByteSink {
  /** Offsets in the order of the writes. */
  readonly offsets: number[] = [];
  #bytes = new Uint8Array(0);

  write(offset: number, bytes: Uint8Array): void {
    this.offsets.push(offset);
    if (offset + bytes.length > this.#bytes.length) {
      const longer = new Uint8Array(offset + bytes.length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes.set(bytes, offset);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }
}
