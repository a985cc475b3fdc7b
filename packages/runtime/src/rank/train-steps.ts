import { batches } from '@cairn/data';
import type { Batch } from '@cairn/data';
import type { EventBody } from '@cairn/events';
import { placeOf } from '@cairn/resume';
import type { TrainingSpan } from '@cairn/resume';
import { sweepDrafts } from '@cairn/storage';
import { expectedEntries } from '../inventory-of.ts';
import type { Begun } from './begin-run.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
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
  const { span, rules } = begun;
  const keeper = await openKeeper(run, setup, begun);
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

/** What writes this rank's checkpoints; null when none are configured. What a crash left unfinished is removed. */
async function openKeeper(
  run: RankRun,
  setup: RunSetup,
  { span, rules, side }: Begun,
): Promise<CheckpointKeeper | null> {
  if (setup.save === null) return null;
  const root = setup.paths.output(setup.save.folder);
  for (const path of sweepDrafts(root)) {
    const reason = 'an unfinished file of a run that is gone was removed';
    run.emit({ type: 'checkpoint-rejected', path, reason });
  }
  return CheckpointKeeper.open({
    settings: setup.save,
    root,
    world: run.world,
    span,
    globalBatchSize: setup.sizes.globalBatchSize,
    expected: expectedEntries(setup.inventory, setup.spread.parallel, run.world.rank),
    dynamicLossScale: rules.lossScale.kind === 'dynamic',
    seal: setup.seal,
    runId: run.runId,
    parentRun: side?.runId ?? null,
    emit: run.emit,
    nowMs: () => Date.now(),
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
