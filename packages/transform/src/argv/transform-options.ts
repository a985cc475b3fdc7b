import type { CheckpointFormat } from '@cairn/ckpt-format';

/** What a transformation is asked for, on a command line or in a file. Paths are as they were given. */
export interface TransformOptions {
  /** File, or folder of rank folders. */
  readonly srcCheckpoint: string;
  /** Strategy file, folder of them, or YAML of a run; null = the source is complete. */
  readonly srcStrategy: string | null;
  readonly dstCheckpoint: string;
  /** As `srcStrategy`; null = the destination is complete. */
  readonly dstStrategy: string | null;
  /** Before the rank in file names. */
  readonly prefix: string;
  /** Rank whose share of the work is done; null = all is. */
  readonly rankId: number | null;
  /** Destination ranks, to be checked against the strategy; null = those of the strategy. */
  readonly worldSize: number | null;
  readonly processNum: number;
  /** Upstream's choice of its interface; the result is the same. */
  readonly byRank: boolean;
  /** Step to take where rank folders hold several; null = the last by name. */
  readonly step: number | null;
  /** Format of the destination; null = that of the source. */
  readonly outputFormat: CheckpointFormat | null;
  /** A complete destination as safetensors parts of at most about this size; null = one file. */
  readonly unifiedPartBytes: number | null;
  /** Most memory of all processes of the command together. */
  readonly memoryBytes: number;
}

/** Upstream's default of `--prefix`. */
export const DEFAULT_PREFIX: string = 'checkpoint_';

/** Memory of a command that was not told: enough for several processes. */
export const DEFAULT_MEMORY_BYTES: number = 512 * 2 ** 20;
