/** An error as it is sent from a thread: structured cloning keeps its message only. */
export interface SentError {
  readonly message: string;
  /** Its own fields; errors of the packages are told by `name`, and the rest says where it was. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** @param error anything that was thrown */
export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error), fields: {} };
  // `cause` is not enumerable, and stays behind.
  return { message: error.message, fields: Object.fromEntries(Object.entries(error)) };
}

/** The error that was sent, equal in name, message and fields. */
export function receivedError({ message, fields }: SentError): Error {
  return Object.assign(new Error(message), fields);
}
