import type { RankExit } from '@cairn/launcher';
import { RunError } from '../run-error.ts';
import { failureFrom } from './rank-message.ts';
import type { RankEnd } from './rank-message.ts';

/** How the process of a rank ended. */
export interface RankOutcome {
  readonly rank: number;
  /** What it said last; null when it died without a word. */
  readonly end: RankEnd | null;
  readonly exit: RankExit;
}

/** How all ranks ended, when none failed. */
export interface WorldDone {
  readonly steps: number;
  readonly finalLoss: number | null;
}

/**
 * How a run ended, from how its ranks did.
 *
 * Of several failures the first counts that is no mere consequence: when one rank is gone, its peers fail because of
 * that, and whoever is left is stopped.
 *
 * @param outcomes  in the order in which the ranks ended
 * @param reporter  the rank whose loss is the run's
 * @param isStopped whether a person stopped the run
 * @throws RunError
 */
export function worldEnd(outcomes: readonly RankOutcome[], reporter: number, isStopped: boolean): WorldDone {
  const causes = outcomes.flatMap((outcome) => causeOf(outcome, isStopped) ?? []);
  const [first] = causes;
  if (first !== undefined) throw first;
  const consequences = outcomes.flatMap(({ rank, end }) => (end?.kind === 'failed' ? [failed(rank, end)] : []));
  // Who lost a peer names it; who was stopped knows nothing.
  const telling = consequences.find(({ code }) => code === 'rank-lost') ?? consequences[0];
  if (telling !== undefined) throw telling;
  const silent = outcomes.find(({ end }) => end === null);
  if (silent !== undefined) throw lost(silent);
  const loss = outcomes.find(({ rank }) => rank === reporter)?.end;
  const steps = outcomes[0]?.end;
  return {
    steps: steps?.kind === 'done' ? steps.steps : 0,
    finalLoss: loss?.kind === 'done' ? loss.finalLoss : null,
  };
}

/** What this rank by itself ended the run with; null when it did not. */
function causeOf(outcome: RankOutcome, isStopped: boolean): RunError | null {
  const { rank, end, exit } = outcome;
  if (end?.kind === 'done') return null;
  if (end === null) {
    if (!exit.wasStopped) return lost(outcome);
    return isStopped ? new RunError('interrupted', 130, 'interrupted') : null;
  }
  const failure = failed(rank, end);
  if (failure.code === 'rank-lost') return null;
  return failure.code === 'interrupted' && !isStopped ? null : failure;
}

function failed(rank: number, { body }: Extract<RankEnd, { kind: 'failed' }>): RunError {
  const { code, exitCode, message, place } = failureFrom(body);
  return new RunError(code, exitCode, message, code === 'interrupted' ? {} : { ...place, rank: place.rank ?? rank });
}

function lost({ rank, exit: { exitCode, signal, lastWords } }: RankOutcome): RunError {
  const how = signal ?? `exit code ${exitCode}`;
  const words = lastWords === '' ? '' : `: ${lastWords}`;
  return new RunError('rank-lost', 5, `rank ${rank} was lost (${how})${words}`, { rank });
}
