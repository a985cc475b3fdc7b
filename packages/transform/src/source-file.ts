import type { CheckpointIndex } from '@cairn/ckpt-format';

/** A file of the source checkpoint: its index has been read, its contents not. */
export interface SourceFile {
  readonly path: string;
  /** Rank whose entries it holds; 0 for a complete checkpoint. Several files of one rank hold different entries. */
  readonly rank: number;
  /** What the host knows of the file's state (size, times); another stamp is another file. */
  readonly stamp: string;
  readonly index: CheckpointIndex;
}
