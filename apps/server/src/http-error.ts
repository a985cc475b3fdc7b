/** What an answer that is no success says, for programs. */
export type HttpErrorCode =
  | 'wrong-host'
  | 'wrong-origin'
  | 'token-missing'
  | 'token-wrong'
  | 'route-unknown'
  | 'run-unknown'
  | 'request-invalid'
  | 'body-too-large'
  | 'not-json'
  | 'event-id-invalid'
  | 'config-missing'
  | 'config-invalid'
  | 'shutting-down'
  | 'bug';

/** A request that is answered with an error: the status, and `{ code, message, ...details }` as the body. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: HttpErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, code: HttpErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** Whether a caught value is an {@link HttpError}. */
export function isHttpError(error: unknown): error is HttpError {
  return error instanceof HttpError;
}
