import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { spawnRank } from '@cairn/launcher';
import { RunError } from './run-error.ts';
import type { ExitCode } from './run-error.ts';

/** What a rank process is told on its standard input. */
export interface RankOrder {
  /** Without `readText`, which a process brings itself. */
  readonly input: ConfigInput;
  readonly cwd: string;
  readonly runId: string;
}

/** One line of what a rank process says on descriptor 3: an event, or how its training ended. */
export type RankMessage =
  | { readonly kind: 'event'; readonly body: EventBody }
  | { readonly kind: 'done'; readonly steps: number; readonly finalLoss: number | null }
  | { readonly kind: 'failed'; readonly body: EventBody };

const RANK_PROGRAM = fileURLToPath(new URL('./rank-main.js', import.meta.url));

/**
 * Runs one rank in a process of its own.
 *
 * @throws RunError with what the rank said, or `rank-lost`, exit 5, when it died without a word
 */
export async function runInProcess(
  order: RankOrder,
  emit: (body: EventBody) => void,
  signal: AbortSignal,
): Promise<{ steps: number; finalLoss: number | null }> {
  let ended: RankMessage | null = null;
  let lastStep: number | null = null;
  const rank = spawnRank(
    { command: process.execPath, args: [RANK_PROGRAM], cwd: order.cwd, input: JSON.stringify(order) },
    signal,
  );
  for await (const line of rank.lines) {
    // Written by rank-main.ts with the same types.
    const message = JSON.parse(line, fromWire) as RankMessage;
    if (message.kind === 'event') {
      if (message.body.type === 'step') lastStep = message.body.step;
      emit(message.body);
    } else {
      ended = message;
    }
  }
  const { exitCode, signal: killedBy, lastWords } = await rank.exited;
  if (ended?.kind === 'done') return ended;
  if (ended?.kind === 'failed') throw failureFrom(ended.body);
  if (signal.aborted) throw new RunError('interrupted', 130, 'interrupted');
  emit({ type: 'rank-lost', exitCode, signal: killedBy, lastStep, lastWords });
  const how = killedBy ?? `exit code ${exitCode}`;
  throw new RunError('rank-lost', 5, `rank 0 was lost (${how})${lastWords === '' ? '' : `: ${lastWords}`}`, {
    rank: 0,
  });
}

/** Numbers that are not finite travel as texts, as in the record. */
function fromWire(key: string, value: unknown): unknown {
  const isNumber = ['loss', 'lr', 'lossScale', 'globalNorm', 'tokensPerSec', 'finalLoss'].includes(key);
  return isNumber && typeof value === 'string' ? Number(value) : value;
}

function failureFrom(body: EventBody): RunError {
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
