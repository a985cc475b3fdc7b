import { batches } from '@cairn/data';
import type { Batch } from '@cairn/data';
import type { EventBody } from '@cairn/events';
import { placeOf } from '@cairn/resume';
import type { TrainingSpan } from '@cairn/resume';
import type { Begun } from './begin-run.ts';
import type { CheckpointKeeper } from './checkpoint-keeper.ts';
import { openKeeper } from './open-keeper.ts';
import type { RankRun } from './rank-run.ts';
import type { RunSetup } from './run-setup.ts';
import { trainStep } from './train-step.ts';
import type { StepOutcome, TrainingRank } from './train-step.ts';

/** How training ended. */
export interface TrainingEnd {
  readonly steps: number;
  readonly finalLoss: number | null;
}

/** Takes all steps of the span, and saves when it is time to. */
export async function trainSteps(
  run: RankRun,
  setup: RunSetup,
  begun: Begun,
  rank: TrainingRank,
): Promise<TrainingEnd> {
  const keeper = await openKeeper(run, setup, begun, rank.state);
  try {
    return await takeSteps(run, setup, begun, { rank, keeper });
  } finally {
    await keeper?.close();
  }
}

/** What takes steps, and what saves them. */
interface Training {
  readonly rank: TrainingRank;
  readonly keeper: CheckpointKeeper | null;
}

async function takeSteps(
  run: RankRun,
  setup: RunSetup,
  { span, rules }: Begun,
  { rank, keeper }: Training,
): Promise<TrainingEnd> {
  let done = 0;
  let finalLoss: number | null = null;
  let beginMs = performance.now();
  for await (const batch of batchesOf(run, setup, span)) {
    const outcome = await trainStep(rank, batch, rules);
    done += 1;
    finalLoss = outcome.loss;
    run.emit(stepEvent(setup, span, { done, outcome, stepMs: performance.now() - beginMs }));
    const atEnd = done === span.steps;
    if (atEnd || done % (span.sinkSize ?? 1) === 0) await keeper?.afterStep(rank.state, done, atEnd);
    run.signal.throwIfAborted();
    if (atEnd) break;
    beginMs = performance.now();
  }
  return { steps: done, finalLoss };
}

function batchesOf({ valid: { config }, signal }: RankRun, setup: RunSetup, span: TrainingSpan): AsyncIterable<Batch> {
  return batches(setup.data.dataset, {
    ...setup.share,
    dropRemainder: config.train_dataset?.drop_remainder ?? true,
    repeat: config.train_dataset?.repeat ?? 1,
    shuffle: setup.shuffle,
    seed: config.train_dataset?.seed ?? config.seed,
    epochs: Math.ceil((span.skip + span.steps) / span.stepsPerEpoch),
    startStep: span.skip,
    seqLength: setup.spec.seqLength,
    signal,
  });
}

interface TakenStep {
  /** Steps this run has taken with it. */
  readonly done: number;
  readonly outcome: StepOutcome;
  readonly stepMs: number;
}

function stepEvent(
  { sizes, spec }: RunSetup,
  { initialStep, stepsPerEpoch }: TrainingSpan,
  { done, outcome, stepMs }: TakenStep,
): EventBody {
  const step = initialStep + done;
  return {
    type: 'step',
    ...placeOf(step, stepsPerEpoch),
    step,
    samples: step * sizes.globalBatchSize,
    ...outcome,
    stepMs,
    tokensPerSec: (sizes.globalBatchSize * spec.seqLength) / (stepMs / 1000),
  };
}
