/**
 * Why a checkpoint cannot be transformed.
 *
 * | code | meaning | what helps |
 * |---|---|---|
 * | `usage` | words or combinations of a command line that mean nothing | see the message |
 * | `refused` | what was asked for is possible in no layout: strategies, ranks and files contradict each other | other strategies, or the right folder |
 * | `nothing-in-common` | none of the tensors is listed in a strategy | the strategy of this checkpoint |
 * | `inconsistent` | the source's files do not fit each other or their strategy | the files of one step, all of them |
 * | `incomplete` | elements of a destination tensor lie in no source file | the missing file |
 * | `source-changed` | a source is not the one that was planned with | plan again |
 * | `unsupported` | an entry that cannot be transformed | see the message |
 */
export type TransformErrorCode =
  | 'usage'
  | 'refused'
  | 'nothing-in-common'
  | 'inconsistent'
  | 'incomplete'
  | 'source-changed'
  | 'unsupported';

/** Where it is wrong. */
export interface TransformErrorPlace {
  /** Rank whose file it is about. */
  readonly rank?: number;
  readonly tensor?: string;
  readonly file?: string;
  readonly cause?: unknown;
}

/** The one error of this package; what is wrong with bytes of a file is a `CkptError`, with a layout a `StrategyError`. */
export class TransformError extends Error {
  override readonly name = 'TransformError';
  readonly code: TransformErrorCode;
  readonly place: TransformErrorPlace;

  constructor(code: TransformErrorCode, message: string, place: TransformErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.place = place;
  }
}

/** Whether something thrown is a {@link TransformError}. */
export function isTransformError(error: unknown): error is TransformError {
  return error instanceof Error && error.name === 'TransformError';
}
