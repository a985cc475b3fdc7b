import type { ReadableCheckpoint } from './checkpoint-file.ts';
import { openCheckpoint } from './checkpoint-file.ts';
import type { OpenCheckpoint } from './checkpoint-file.ts';
import type { SealSettings } from './sealed-files.ts';
import type { StartPoint } from './start-point.ts';
import { verified } from './verified-content.ts';

/** Checkpoints that are ready to be loaded. */
interface ReadCheckpoints {
  readonly checkpoints: readonly ReadableCheckpoint[];
  /** When reading began, by the clock of `performance`. */
  readonly beganMs: number;
}

/** The checkpoints of a start point on their way into memory. */
export interface CheckpointReading {
  /** Whether everything is taken from them, not weights only. */
  readonly resumes: boolean;
  /** @throws RunError exit 4 when one is damaged, StorageError when one cannot be read */
  ready(): Promise<ReadCheckpoints>;
  close(): Promise<void>;
}

/** A start point that has checkpoints. */
export type CheckpointStart = Exclude<StartPoint, { kind: 'fresh' }>;

/** The files of a start point. */
export function startFiles(start: CheckpointStart): readonly string[] {
  return start.kind === 'resume' ? [start.file] : start.files;
}

/** Reads checkpoints where they are loaded, and not before. */
export function readWhenLoaded(start: CheckpointStart, seal: SealSettings | null): CheckpointReading {
  const opened: OpenCheckpoint[] = [];
  return {
    resumes: start.kind === 'resume',
    async ready() {
      const beganMs = performance.now();
      for (const file of startFiles(start)) opened.push(await openCheckpoint(file, seal));
      // What is resumed has been proven.
      const checkpoints = start.kind === 'resume' ? opened : opened.map(verified);
      return { checkpoints, beganMs };
    },
    async close() {
      for (const each of opened) await each.close();
    },
  };
}
