import type { ByteSource } from '@cairn/bytes';
import type { CheckpointIndex, TensorEntry } from '@cairn/ckpt-format';
import { RunError } from '../run-error.ts';
import { openCheckpoint } from './checkpoint-file.ts';
import type { OpenCheckpoint } from './checkpoint-file.ts';
import type { SealSettings } from './sealed-files.ts';
import { checkedContent } from './verified-content.ts';

/** Checkpoints that are to be read whole. */
export interface ReadOrder {
  readonly files: readonly string[];
  readonly seal: SealSettings | null;
  /** Whether everything is taken from them, and they have been proven; else weights only. */
  readonly resumes: boolean;
}

/** A checkpoint whose tensors come into a buffer that threads share. */
export interface StagedCheckpoint {
  readonly file: string;
  readonly index: CheckpointIndex;
  readonly buffer: SharedArrayBuffer;
  /** Where each tensor begins in the buffer, by name. */
  readonly places: ReadonlyMap<string, number>;
}

/** How far reading is. */
export type ReadProgress =
  | { readonly kind: 'opened'; readonly checkpoints: readonly StagedCheckpoint[] }
  /** A tensor is in the buffer of its checkpoint. */
  | { readonly kind: 'read'; readonly file: string; readonly name: string };

/** Tensors begin where numbers of every type may. */
const ALIGNMENT = 8;

/**
 * Reads the tensors of checkpoints into buffers that threads share, in the order of the files.
 *
 * @param tell hears of everything that can be used from now on
 * @throws RunError exit 4 when one is damaged, StorageError when one cannot be read
 */
export async function readTensors(order: ReadOrder, tell: (progress: ReadProgress) => void): Promise<void> {
  const opened: OpenCheckpoint[] = [];
  try {
    for (const file of order.files) opened.push(await openCheckpoint(file, order.seal));
    const staged = opened.map((each) => stage(each, order.resumes));
    tell({ kind: 'opened', checkpoints: staged });
    for (const [i, { index, buffer, file, places }] of staged.entries()) {
      const { source } = opened[i]!;
      // What is resumed has been proven.
      const check = order.resumes ? () => undefined : checkedContent(file);
      for (const entry of index.entries) {
        const at = places.get(entry.name);
        if (entry.kind !== 'tensor' || at === undefined) continue;
        const into = new Uint8Array(buffer, at, entry.bytes);
        if (entry.storedAs === entry.dtype) await readInto(source, entry, into, file);
        else into.set(await opened[i]!.content(entry));
        check(entry, into);
        tell({ kind: 'read', file, name: entry.name });
      }
    }
  } finally {
    for (const each of opened) await each.close();
  }
}

/** A place for every tensor that is wanted. */
function stage({ file, index }: OpenCheckpoint, states: boolean): StagedCheckpoint {
  const places = new Map<string, number>();
  let end = 0;
  for (const entry of index.entries) {
    if (entry.kind !== 'tensor' || (!states && /^adam_[mv]\./.test(entry.name))) continue;
    places.set(entry.name, end);
    end += Math.ceil(entry.bytes / ALIGNMENT) * ALIGNMENT;
  }
  return { file, index, buffer: new SharedArrayBuffer(end), places };
}

/** Reads a tensor to where it is wanted, without a copy between. */
async function readInto(source: ByteSource, tensor: TensorEntry, into: Uint8Array, file: string): Promise<void> {
  let at = 0;
  for (const { offset, bytes } of tensor.chunks) {
    if ((await source.read(offset, into.subarray(at, at + bytes))) !== bytes) {
      const message = `${file}: ends within ${tensor.name}; it was cut while it was read`;
      throw new RunError('truncated', 4, message, { file, tensor: tensor.name, byte: offset });
    }
    at += bytes;
  }
}
