import type { Layout } from '../layout.ts';

/** What a strategy file holds, in either of its forms and in the order of the file (mindspore-formats §3). */
export interface StrategyFile {
  /** A save counter of the process that wrote it; 1 in merged files. Not the pipeline stage. */
  readonly currentStage: number;
  readonly operators: readonly OperatorStrategy[];
  readonly layouts: readonly NamedLayout[];
}

/** How one operator was cut. Merging takes the stage of a file from its first one. */
export interface OperatorStrategy {
  /** `<Primitive>_<parameter>`, e.g. `MatMul_dense.weight`. */
  readonly node: string;
  /** Pipeline stage. */
  readonly stage: number;
  /** Cuts of each input, one number an axis, e.g. [[2, 1], [2, 1]]. */
  readonly inputs: readonly (readonly number[])[];
}

/** How one parameter lies. */
export interface NamedLayout {
  /** Name of the parameter; in merged files `<stage>-<name>`. */
  readonly name: string;
  readonly layout: Layout;
  /** Full shape; null where the file does not tell (protobuf never does). */
  readonly shape: readonly number[] | null;
  /** Field slice size of wide embedding tables; 0 normally. */
  readonly field: number;
  /** Rows of each slice when it is cut by hand; empty normally. */
  readonly splitShape: readonly number[];
  /** Index shift of each slice when it is cut by hand; empty normally. */
  readonly indicesOffset: readonly number[];
}

/** The form of a strategy file. */
export type StrategyFormat = 'protobuf' | 'json';

/** Largest strategy file that is read: a hundred times that of a 72B model with optimizer states. */
export const MAX_STRATEGY_BYTES: number = 64 * 2 ** 20;

/** Most ranks a stage may have: layouts are worked out rank by rank. */
export const MAX_STAGE_RANKS: number = 2 ** 20;

/** Most dimensions a device matrix may have; real ones have up to five. */
export const MAX_DEVICE_DIMENSIONS: number = 64;
