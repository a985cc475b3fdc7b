import type { Box, ElementType } from '@cairn/bytes';
import type { CheckpointFormat, Chunk } from '@cairn/ckpt-format';

/** A source file as it was when the plan was made. */
export interface PlannedSource {
  readonly path: string;
  readonly rank: number;
  readonly format: CheckpointFormat;
  readonly bytes: number;
  /** What the host knows of the file's state; another stamp is another file. */
  readonly stamp: string;
}

/** A slice of a tensor that a source file holds. */
export interface StoredSlice {
  /** Index into the plan's sources. */
  readonly source: number;
  /** Where the slice lies in the full tensor. */
  readonly box: Box;
  /** Where its content lies in the file, in order. */
  readonly chunks: readonly Chunk[];
  /** Type of the elements in the file: that of the tensor, but `Float32` for the bfloat16 of MindSpore 2.2. */
  readonly storedAs: ElementType;
}

/** Elements of a tensor that are taken from one source file. */
export interface Take {
  readonly from: StoredSlice;
  /** What is taken, in the full tensor. */
  readonly box: Box;
}

/** Why an entry is taken over as it is stored. */
export type PassReason = 'unlisted' | 'source-only' | 'destination-only';

/** A tensor of a destination file. */
export interface PlannedTensor {
  readonly kind: 'tensor';
  readonly name: string;
  readonly dtype: ElementType;
  /** Shape in the file: of the slice. */
  readonly shape: readonly number[];
  /** Full shape of the tensor. */
  readonly full: readonly number[];
  /** Where the slice lies in the full tensor. */
  readonly box: Box;
  /** Every element of the slice is in exactly one of them. */
  readonly takes: readonly Take[];
  /** Null: cut by the strategies. */
  readonly passed: PassReason | null;
}

/** A text of a destination file (MindSpore's `str`). */
export interface PlannedText {
  readonly kind: 'text';
  readonly name: string;
  readonly text: string;
}

/** An entry of a file to be written. */
export type PlannedEntry = PlannedTensor | PlannedText;

/** A file to be written. */
export interface PlannedFile {
  readonly rank: number;
  /** Path below the destination, e.g. `rank_0/checkpoint_0.ckpt`. */
  readonly name: string;
  readonly format: CheckpointFormat;
  readonly bytes: number;
  /** In the order of the file for a `.ckpt`; a safetensors file orders them by type and name. */
  readonly entries: readonly PlannedEntry[];
}

/** Something a person should know about a plan. */
export interface PlanNote {
  readonly code:
    | 'passed-scalar'
    | 'passed-unlisted'
    | 'passed-unmerged'
    | 'passed-whole'
    | 'listed-not-found'
    | 'other-rank'
    | 'left-out';
  readonly message: string;
  /** Names it is about. */
  readonly tensors: readonly string[];
  readonly isWarning: boolean;
}

/** What applying a plan takes. */
export interface PlanCost {
  /** Bytes read from source files, with what lies between rows that are read together. */
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Most source files that are open at once. */
  readonly openFiles: number;
}

/**
 * How the files of a checkpoint in one layout become those of another: plain data, to be printed, compared, stored and
 * applied. Boxes and slices are shared between entries, so a plan of a thousand ranks stays small in memory.
 */
export interface TransformPlan {
  readonly sources: readonly PlannedSource[];
  readonly files: readonly PlannedFile[];
  readonly notes: readonly PlanNote[];
  readonly cost: PlanCost;
}
