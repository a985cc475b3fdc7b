import type { ConfigInput } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { RunError } from '../run-error.ts';
import type { ExitCode } from '../run-error.ts';

/** What a rank process is told on its standard input. */
export interface RankOrder {
  /** Without `readText`, which a process brings itself. */
  readonly input: ConfigInput;
  readonly cwd: string;
  readonly runId: string;
}

/** How the training of a rank ended. */
export type RankEnd =
  | { readonly kind: 'done'; readonly steps: number; readonly finalLoss: number | null }
  | { readonly kind: 'failed'; readonly body: EventBody };

/** One line of what a rank process says on descriptor 3: an event, or how its training ended. */
export type RankMessage = { readonly kind: 'event'; readonly body: EventBody } | RankEnd;

/** A message as a line, without its end. Numbers that are not finite travel as texts, as in the record. */
export function encodeMessage(message: RankMessage): string {
  return JSON.stringify(message, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

const NUMBERS = new Set(['loss', 'lr', 'lossScale', 'globalNorm', 'tokensPerSec', 'finalLoss']);

/** The message of a line that {@link encodeMessage} wrote. */
export function decodeMessage(line: string): RankMessage {
  // Written by a process of this very program.
  return JSON.parse(line, (key, value: unknown) =>
    NUMBERS.has(key) && typeof value === 'string' ? Number(value) : value,
  ) as RankMessage;
}

/** The error of a rank that ended with `run-failed`. */
export function failureFrom(body: EventBody): RunError {
  if (body.type !== 'run-failed') return new RunError('bug', 1, `a rank ended with ${body.type}`);
  const place = {
    rank: body.failedRank ?? undefined,
    tensor: body.tensor ?? undefined,
    file: body.file ?? undefined,
    byte: body.byte ?? undefined,
  };
  // The code was one of this program's when the rank wrote it.
  return new RunError(body.code, body.exitCode as ExitCode, body.message, place);
}
