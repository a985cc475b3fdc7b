/** What went wrong with a launch. */
export type LaunchErrorCode =
  /** A process could not be started: it is not there, the host has no room for another one, or an address is taken. */
  | 'not-started'
  /** The command line of a launch cannot be used. */
  | 'usage'
  /** The process in which ranks find each other ended before them. */
  | 'scheduler-lost';

/** A launch that failed. */
export class LaunchError extends Error {
  readonly code: LaunchErrorCode;
  /** The command that was to be started. */
  readonly command: string;

  constructor(code: LaunchErrorCode, message: string, command: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LaunchError';
    this.code = code;
    this.command = command;
  }
}

/** Whether an error comes from this package. */
export function isLaunchError(error: unknown): error is LaunchError {
  return error instanceof Error && error.name === 'LaunchError';
}
