import { ResumeError } from './resume-error.ts';

/** Sizes of a run as its configuration gives them. */
export interface RunSizes {
  /** Epochs of the configuration. */
  readonly epochs: number;
  /** Batches of one pass over the data set. */
  readonly stepsPerEpoch: number;
  /** Rows of one optimizer step over all ranks. */
  readonly globalBatchSize: number;
  /** Steps of one sink; null when data sinking is off. -1 in the configuration is a whole epoch. */
  readonly sinkSize: number | null;
}

/** Where the checkpoint stands; null for a run that begins. */
export interface SavedPosition {
  readonly step: number;
  /** Epoch, or the number of sinks. */
  readonly epoch: number;
  /** Null when the file does not say: then it counts as unchanged. */
  readonly globalBatchSize: number | null;
  /** Whether it was saved with data sinking, so that `epoch` counts sinks; null when that is not known. */
  readonly sunk: boolean | null;
}

/** What the configuration says about the data position. */
export interface SkipWishes {
  readonly ignoreDataSkip: boolean;
  /** Null or 0 = not set. */
  readonly dataSkipSteps: number | null;
}

/** The steps a run trains, and from where it takes its data. */
export interface TrainingSpan {
  /** Steps counted as trained before the first one. */
  readonly initialStep: number;
  /** Epochs (or sinks) counted as done. */
  readonly initialEpoch: number;
  /** Steps this run trains. */
  readonly steps: number;
  /** Steps of the whole run as configured; the learning rate's `total_steps` when it is not set. */
  readonly totalSteps: number;
  /** Batches of the data set that are passed over. */
  readonly skip: number;
  /** Old global batch size over new: what step counters are multiplied by. */
  readonly stepScale: number;
  readonly stepsPerEpoch: number;
  readonly sinkSize: number | null;
  readonly warnings: readonly string[];
}

/**
 * The steps of a run (mindformers-behaviour §2.6, real-mindformers §4, rulings 18 to 22).
 *
 * A changed batch size scales the saved step and the sinks; what does not divide is cut off. Sunk, the run has whole
 * sinks only, `int(stepsPerEpoch / sinkSize · epochs)` of them, and an automatic skip is lowered to a whole number of
 * sinks; `data_skip_steps` is taken as it is. Unsunk, the first epoch is what the skip leaves of it and later ones are
 * whole, so a run with another skip than its position trains past the configured total, with a warning.
 *
 * @throws ResumeError `nothing-left` when all steps have been trained
 */
export function trainingSpan(sizes: RunSizes, saved: SavedPosition | null, wishes: SkipWishes): TrainingSpan {
  const { stepsPerEpoch, epochs, sinkSize, globalBatchSize } = sizes;
  const stepScale = saved?.globalBatchSize == null ? 1 : saved.globalBatchSize / globalBatchSize;
  const initialStep = Math.trunc((saved?.step ?? 0) * stepScale);
  const rounds = sinkSize === null ? epochs : Math.trunc((stepsPerEpoch / sinkSize) * epochs);
  const totalSteps = sinkSize === null ? epochs * stepsPerEpoch : rounds * sinkSize;
  const initialEpoch = initialRound(sizes, saved, initialStep);
  if (saved !== null && initialEpoch >= rounds) {
    throw new ResumeError(
      'nothing-left',
      `the checkpoint is of step ${saved.step}, all ${totalSteps} steps are trained: raise runner_config.epochs, or resume from an earlier checkpoint`,
    );
  }
  const { skip, warnings } = dataSkip(sizes, saved, wishes, initialStep);
  const steps =
    sinkSize === null
      ? (rounds - initialEpoch) * stepsPerEpoch - (skip % stepsPerEpoch)
      : (rounds - initialEpoch) * sinkSize;
  const span = { initialStep, initialEpoch, totalSteps, skip, stepScale, stepsPerEpoch, sinkSize };
  if (initialStep + steps <= totalSteps) return { ...span, steps, warnings };
  const past = `training goes on to step ${initialStep + steps}, past the configured ${totalSteps}: the data position is not that of the checkpoint`;
  return { ...span, steps, warnings: [...warnings, past] };
}

/** Epochs done, or sinks; an unfinished epoch does not count. */
function initialRound(sizes: RunSizes, saved: SavedPosition | null, initialStep: number): number {
  if (saved === null) return 0;
  // For saves at the end of a sink this is upstream's scaled epoch_num; it also holds when the sink size has changed.
  if (sizes.sinkSize !== null) return Math.floor(initialStep / sizes.sinkSize);
  const unfinished = initialStep % sizes.stepsPerEpoch !== 0;
  if (saved.sunk === true) return Math.floor(initialStep / sizes.stepsPerEpoch);
  return saved.epoch - (unfinished ? 1 : 0);
}

function dataSkip(
  sizes: RunSizes,
  saved: SavedPosition | null,
  { ignoreDataSkip, dataSkipSteps }: SkipWishes,
  initialStep: number,
): { skip: number; warnings: readonly string[] } {
  if (ignoreDataSkip) return { skip: 0, warnings: [] };
  if (dataSkipSteps) return { skip: dataSkipSteps, warnings: [] };
  if (saved === null || sizes.sinkSize === null) return { skip: initialStep, warnings: [] };
  const skip = Math.floor(initialStep / sizes.sinkSize) * sizes.sinkSize;
  const lowered = `step ${initialStep} is not at the end of a sink of ${sizes.sinkSize}: ${skip} batches are skipped, ${initialStep - skip} come again`;
  return { skip, warnings: skip === initialStep ? [] : [lowered] };
}

/** Where a step of the whole run stands. */
export interface StepPlace {
  /** 1-based. */
  readonly epoch: number;
  /** 1-based. */
  readonly stepInEpoch: number;
}

/**
 * Epoch and step in it of a step counted from 1 over the whole run, also across resumes.
 *
 * @param step steps trained, at least 1
 */
export function placeOf(step: number, stepsPerEpoch: number): StepPlace {
  return { epoch: Math.floor((step - 1) / stepsPerEpoch) + 1, stepInEpoch: ((step - 1) % stepsPerEpoch) + 1 };
}

/**
 * The position in a checkpoint's name (ruling 1): sunk, sinks done and the sink size; unsunk, epoch and step in it.
 *
 * @param done steps this run has trained
 */
export function namedPosition(span: TrainingSpan, done: number): { readonly epoch: number; readonly step: number } {
  if (span.sinkSize !== null) {
    return { epoch: span.initialEpoch + Math.floor(done / span.sinkSize), step: span.sinkSize };
  }
  const { epoch, stepInEpoch } = placeOf(span.initialStep + done, span.stepsPerEpoch);
  return { epoch, step: stepInEpoch };
}
