import type { TrainingEvent } from './events.ts';
import { TrainingEventSchema } from './schema.ts';

/** A record line could not be read as an event. */
export class EventCodecError extends Error {
  readonly code = 'event-invalid';
  readonly line: string;

  constructor(message: string, line: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventCodecError';
    this.line = line;
  }
}

/** JSON has no NaN and no infinities: they travel as the strings JavaScript prints for them. */
function wireValue(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

/** One event as one line of NDJSON, without the newline. */
export function encodeEvent(event: TrainingEvent): string {
  return JSON.stringify(event, wireValue);
}

/**
 * Reads one line written by {@link encodeEvent}.
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
 * Splits a growing text into whole lines: feed pieces as they arrive, get back the lines that became whole.
 * What follows the last newline is kept for the next piece.
 */
export function lineSplitter(): (piece: string) => string[] {
  let rest = '';
  return (piece) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '');
  };
}

/** One event as a server-sent event: id `runId:seq`, data = its record line (WHATWG HTML §9.2.6). */
export function encodeSse(event: TrainingEvent): string {
  return `id: ${event.runId}:${event.seq}\ndata: ${encodeEvent(event)}\n\n`;
}
