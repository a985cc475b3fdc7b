import type { TrainingEvent } from './events.ts';
import { TrainingEventSchema } from './schema.ts';

/** A line of a record that is no event. */
export class EventCodecError extends Error {
  readonly code = 'event-invalid';
  /** The line as it was given. */
  readonly line: string;

  constructor(message: string, line: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventCodecError';
    this.line = line;
  }
}

/** Whether an error comes from this package. */
export function isEventCodecError(error: unknown): error is EventCodecError {
  return error instanceof Error && error.name === 'EventCodecError';
}

/** JSON has no NaN and no infinities: they travel as the strings JavaScript prints for them. */
function wireValue(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** One event as one line of NDJSON, without the newline. Numbers that are not finite become texts, -0 becomes 0. */
export function encodeEvent(event: TrainingEvent): string {
  return JSON.stringify(event, wireValue);
}

/**
 * Reads one line written by {@link encodeEvent}. Fields that are not known are dropped, so that a newer record can be
 * read.
 *
 * @throws EventCodecError when the line is not JSON or not an event
 */
export function decodeEvent(line: string): TrainingEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new EventCodecError(`not a line of JSON: ${line.slice(0, 80)}`, line, { cause });
  }
  const parsed = TrainingEventSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new EventCodecError(`not an event: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(), line);
}

/**
 * Splits a growing text into whole lines: feed pieces as they arrive, get back the lines that became whole, without
 * empty ones. What follows the last newline is kept for the next piece; when no piece follows, it was no whole line.
 *
 * Only a newline ends a line: JSON leaves the other line ends of Unicode as they are.
 */
export function lineSplitter(): (piece: string) => string[] {
  let rest = '';
  return (piece) => {
    const end = piece.lastIndexOf('\n');
    if (end < 0) {
      rest += piece;
      return [];
    }
    const lines = (rest + piece.slice(0, end)).split('\n');
    rest = piece.slice(end + 1);
    return lines.filter((line) => line !== '');
  };
}

/**
 * One event as a server-sent event: id `runId:seq`, data = its record line (WHATWG HTML §9.2.6). Characters that would
 * end the id's line, or make it void, are left out of the id.
 */
export function encodeSse(event: TrainingEvent): string {
  const run = event.runId.replaceAll(/[\r\n\0]/g, '');
  return `id: ${run}:${event.seq}\ndata: ${encodeEvent(event)}\n\n`;
}
