import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { launchWorld, spawnRank } from '@cairn/launcher';
import type { LaunchError, RankProcess, WorldOrder } from '@cairn/launcher';
import { isRunError, RunError } from '../run-error.ts';
import { heldUntilStart, mergeRanks } from './merge-ranks.ts';
import type { MergedEvent, MergeRules } from './merge-ranks.ts';
import { decodeMessage } from './rank-message.ts';
import type { RankEnd, RankOrder } from './rank-message.ts';
import { worldEnd } from './world-end.ts';
import type { RankOutcome, WorldDone } from './world-end.ts';

/** How the ranks of a run are launched. */
export type LaunchSettings = Omit<WorldOrder, 'size' | 'command'>;

/** A run whose ranks are processes. */
export interface RanksOrder extends MergeRules {
  readonly input: ConfigInput;
  readonly cwd: string;
  readonly runId: string;
  /** Null = one rank without scheduler and log. */
  readonly launch: LaunchSettings | null;
}

const RANK_PROGRAM = fileURLToPath(new URL('../rank-main.js', import.meta.url));

/**
 * Runs every rank in a process of its own.
 *
 * @throws RunError with what the rank said that ended the run, or `rank-lost`, exit 5, when one died without a word
 */
export async function runRanks(
  order: RanksOrder,
  emit: (event: MergedEvent) => void,
  signal: AbortSignal,
): Promise<WorldDone> {
  const { ranks, ended } = await start(order, signal);
  const several = ranks.length > 1;
  const held = heldUntilStart(emit);
  const take = (event: MergedEvent): void => held.take(event);
  if (several) ranks.forEach(({ pid }, rank) => pid !== null && take({ body: rankStarted(pid), rank }));
  const merge = mergeRanks(order);
  const outcomes: RankOutcome[] = [];
  const lastSteps = new Map<number, number>();
  const listen = async (process: RankProcess, rank: number): Promise<void> => {
    const end = await follow(process, (body) => {
      if (body.type === 'step') lastSteps.set(rank, body.step);
      const merged = merge(rank, body);
      if (merged !== null) take(merged);
    });
    const exit = await process.exited;
    outcomes.push({ rank, end, exit });
    const { exitCode, signal: killedBy } = exit;
    if (several) take({ body: { type: 'rank-exited', exitCode, signal: killedBy }, rank });
  };
  await settled(ranks.map(listen)).finally(() => held.release());
  const schedulerLost = await ended;
  try {
    return worldEnd(outcomes, order.reporter, signal.aborted);
  } catch (error) {
    const failure = isRunError(error) && schedulerLost !== null ? ofScheduler(error, schedulerLost) : error;
    const lost = isRunError(failure) && failure.code === 'rank-lost' ? failure.place.rank : undefined;
    const outcome = outcomes.find(({ rank }) => rank === lost);
    if (outcome !== undefined) {
      const { exitCode, signal: killedBy, lastWords } = outcome.exit;
      const lastStep = lastSteps.get(outcome.rank) ?? null;
      emit({ body: { type: 'rank-lost', exitCode, signal: killedBy, lastStep, lastWords }, rank: outcome.rank });
    }
    throw failure;
  }
}

async function start(
  { size, launch, input, cwd, runId }: RanksOrder,
  signal: AbortSignal,
): Promise<{ readonly ranks: readonly RankProcess[]; readonly ended: Promise<LaunchError | null> }> {
  const order: RankOrder = { input, cwd, runId };
  const command = { command: process.execPath, args: [RANK_PROGRAM], cwd, input: JSON.stringify(order) };
  if (launch === null) return { ranks: [spawnRank(command, signal)], ended: Promise.resolve(null) };
  return launchWorld({ ...launch, size, command }, signal);
}

/** Hears a rank to its end. @returns what it said last; null when that was no end */
async function follow({ lines }: RankProcess, hear: (body: EventBody) => void): Promise<RankEnd | null> {
  let end: RankEnd | null = null;
  for await (const line of lines) {
    const message = decodeMessage(line);
    if (message.kind === 'event') hear(message.body);
    else end = message;
  }
  return end;
}

/** Waits for all, also when one of them fails. @throws the first failure */
async function settled(all: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(all);
  await Promise.all(all);
}

/** When the scheduler ended, ranks were lost because of that, or stopped. */
function ofScheduler(error: RunError, lost: LaunchError): RunError {
  const isConsequence = error.code === 'rank-lost' || error.code === 'interrupted';
  return isConsequence ? new RunError('rank-lost', 5, lost.message, {}, { cause: lost }) : error;
}

function rankStarted(pid: number): EventBody {
  return { type: 'rank-started', host: os.hostname(), pid };
}
