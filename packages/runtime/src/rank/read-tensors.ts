import type { CheckpointIndex } from '@cairn/ckpt-format';
import { openCheckpoint } from './checkpoint-file.ts';
import type { ReadableCheckpoint } from './checkpoint-file.ts';
import type { SealSettings } from './sealed-files.ts';
import { verified } from './verified-content.ts';

/** Checkpoints that are to be read whole. */
export interface ReadOrder {
  readonly files: readonly string[];
  readonly seal: SealSettings | null;
  /** Whether everything is taken from them, and they have been proven; else weights only. */
  readonly resumes: boolean;
}

/** A checkpoint whose tensors lie in a buffer that threads share. */
export interface StagedCheckpoint {
  readonly file: string;
  readonly index: CheckpointIndex;
  readonly buffer: SharedArrayBuffer;
  /** Where each tensor begins in the buffer, by name. */
  readonly places: ReadonlyMap<string, number>;
}

/** Checkpoints that were read whole. */
export interface StagedCheckpoints {
  readonly checkpoints: readonly StagedCheckpoint[];
  /** Time it took. */
  readonly ms: number;
}

/** Tensors begin where numbers of every type may. */
const ALIGNMENT = 8;

/**
 * Reads the tensors of checkpoints into buffers that threads share.
 *
 * @throws RunError exit 4 when one is damaged, StorageError when one cannot be read
 */
export async function readTensors({ files, seal, resumes }: ReadOrder): Promise<StagedCheckpoints> {
  const begin = performance.now();
  const checkpoints: StagedCheckpoint[] = [];
  for (const file of files) checkpoints.push(await stage(file, seal, resumes));
  return { checkpoints, ms: performance.now() - begin };
}

async function stage(file: string, seal: SealSettings | null, resumes: boolean): Promise<StagedCheckpoint> {
  const opened = await openCheckpoint(file, seal);
  const checkpoint = resumes ? opened : verified(opened);
  try {
    const { index } = checkpoint;
    const places = new Map<string, number>();
    let end = 0;
    for (const entry of index.entries) {
      if (entry.kind !== 'tensor' || (!resumes && /^adam_[mv]\./.test(entry.name))) continue;
      places.set(entry.name, end);
      end += Math.ceil(entry.bytes / ALIGNMENT) * ALIGNMENT;
    }
    const buffer = new SharedArrayBuffer(end);
    for (const entry of index.entries) {
      const at = places.get(entry.name);
      if (entry.kind !== 'tensor' || at === undefined) continue;
      new Uint8Array(buffer, at, entry.bytes).set(await checkpoint.content(entry));
    }
    return { file, index, buffer, places };
  } finally {
    await opened.close();
  }
}

/** A staged checkpoint, as whoever loads it sees it. */
export function stagedCheckpoint({ file, index, buffer, places }: StagedCheckpoint): ReadableCheckpoint {
  return {
    file,
    index,
    content({ name, bytes }) {
      const at = places.get(name);
      if (at === undefined) throw new RangeError(`${name} of ${file} was not read`);
      return new Uint8Array(buffer, at, bytes);
    },
  };
}
