/** Why a run cannot continue. */
export type ResumeErrorCode =
  /** Nothing there to resume from. Exit code 3. */
  | 'nothing-to-resume'
  /** All configured steps have been trained. Exit code 3. */
  | 'nothing-left'
  /** A named checkpoint is absent, damaged or another model's; ranks disagree. Exit code 4. */
  | 'inconsistent'
  /** A combination that is refused. Exit code 2. */
  | 'refused';

/** A run that cannot continue. */
export class ResumeError extends Error {
  readonly code: ResumeErrorCode;
  /** Rank whose file is at fault, where there is one. */
  readonly rank: number | null;
  /** Name of the file at fault, where there is one. */
  readonly file: string | null;

  constructor(
    code: ResumeErrorCode,
    message: string,
    at: { rank?: number; file?: string } = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ResumeError';
    this.code = code;
    this.rank = at.rank ?? null;
    this.file = at.file ?? null;
  }
}

/** Whether an error comes from this package. */
export function isResumeError(error: unknown): error is ResumeError {
  return error instanceof Error && error.name === 'ResumeError';
}
