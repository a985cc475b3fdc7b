import type { ConfigPath } from '@cairn/config';

/**
 * Why a run ends early, and with which exit code: 1 a bug of ours, 2 usage or configuration, 3 nothing to resume from or
 * nothing left, 4 damaged or inconsistent input, 5 a rank was lost, 6 out of space or I/O, 130 interrupted.
 */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 130;

export interface RunErrorPlace {
  readonly rank?: number | undefined;
  readonly tensor?: string | undefined;
  readonly file?: string | undefined;
  readonly byte?: number | undefined;
  /** Where in the configuration the cause is. */
  readonly path?: ConfigPath | undefined;
}

/** An error of this package. */
export class RunError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly place: RunErrorPlace;

  constructor(code: string, exitCode: ExitCode, message: string, place: RunErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RunError';
    this.code = code;
    this.exitCode = exitCode;
    this.place = place;
  }
}

/** Whether an error comes from this package. */
export function isRunError(error: unknown): error is RunError {
  return error instanceof Error && error.name === 'RunError';
}

/** What the configuration asks for is possible, but Cairn does not do it. */
export function unsupported(path: ConfigPath, message: string): RunError {
  return new RunError('unsupported', 2, message, { path });
}
