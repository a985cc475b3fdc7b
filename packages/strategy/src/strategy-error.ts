/**
 * What is wrong with a layout, a strategy file, or a way to spread a run over its ranks.
 *
 * | code | meaning | what helps |
 * |---|---|---|
 * | `layout-invalid` | a layout contradicts itself or the tensor's shape | another strategy file, or the right checkpoint |
 * | `not-divisible` | an axis does not divide into the pieces wanted | another number of pieces |
 * | `impossible` | the ranks cannot be arranged as wanted | the configuration key of `path` |
 * | `empty` | there is nothing to read or to merge | another file or folder |
 * | `truncated` | the file ends before what it announces | another copy of the file |
 * | `malformed` | the bytes are not of a strategy file | another file |
 * | `limit` | a length or count beyond a named limit | see the message |
 * | `inconsistent` | files or stages do not belong to one run | the files of one run, all of them |
 */
export type StrategyErrorCode =
  | 'layout-invalid'
  | 'not-divisible'
  | 'impossible'
  | 'empty'
  | 'truncated'
  | 'malformed'
  | 'limit'
  | 'inconsistent';

/** Where it is wrong. */
export interface StrategyErrorPlace {
  /** Name of the tensor. */
  readonly tensor?: string;
  /** Axis of the tensor. */
  readonly axis?: number;
  readonly file?: string;
  /** Byte offset in the file. */
  readonly byte?: number;
  /** Key of the configuration, e.g. `['parallel_config', 'model_parallel']`. */
  readonly path?: readonly string[];
  readonly cause?: unknown;
}

/** The one error of this package. */
export class StrategyError extends Error {
  override readonly name = 'StrategyError';
  readonly code: StrategyErrorCode;
  readonly place: StrategyErrorPlace;

  constructor(code: StrategyErrorCode, message: string, place: StrategyErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.place = place;
  }
}

/** Whether something thrown is a {@link StrategyError}. */
export function isStrategyError(error: unknown): error is StrategyError {
  return error instanceof Error && error.name === 'StrategyError';
}
