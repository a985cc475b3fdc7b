import { batches, ledger } from '@cairn/data';
import type { Group } from '@cairn/collectives';
import type { ValidConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { aloneWith, llamaProgram, parametersOf } from '@cairn/model';
import { Device } from '@cairn/npu-sim';
import { placeOf, savesAnything } from '@cairn/resume';
import type { SavedPosition, TrainingSpan } from '@cairn/resume';
import { readPosition } from '@cairn/ckpt-format/folder';
import { sweepDrafts } from '@cairn/storage';
import { configDigest } from '../config-digest.ts';
import { expectedEntries } from '../inventory-of.ts';
import { runPaths } from '../run-paths.ts';
import { printEveryOf } from '../settings/save-settings.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { loadEverything, loadWeights, readWrapper } from './load-checkpoint.ts';
import type { OpenCheckpoint } from './load-checkpoint.ts';
import { initialise, rankState } from './rank-state.ts';
import type { RankState } from './rank-state.ts';
import { runSetup } from './run-setup.ts';
import type { RunSetup } from './run-setup.ts';
import { findStartPoint, openCheckpoint, readSide } from './start-point.ts';
import type { StartPoint } from './start-point.ts';
import { trainStep } from './train-step.ts';
import type { StepRules } from './train-step.ts';

/** What one rank needs to train. */
export interface RankRun {
  readonly valid: ValidConfig;
  readonly runId: string;
  readonly cwd: string;
  /** Path of the configuration file, for paths relative to it. */
  readonly configFile: string;
  readonly world: Group;
  readonly emit: (event: EventBody) => void;
  readonly signal: AbortSignal;
}

/**
 * Trains one rank from its start point to the end of its span. Everything that happens is emitted, but for how it ends.
 *
 * @throws what ended it early
 */
export async function trainRank(run: RankRun): Promise<{ readonly steps: number; readonly finalLoss: number | null }> {
  const setup = await runSetup(run.valid, runPaths(run.cwd, run.configFile));
  try {
    const start = await findStartPoint({
      config: run.valid.config,
      paths: setup.paths,
      rank: run.world.rank,
      world: run.world,
      expected: expectedEntries(setup.inventory),
      seal: setup.seal,
    });
    const begun = await begin(run, setup, start);
    const { device, state } = await prepareDevice(run, setup, start, begun);
    try {
      return await trainSteps(run, setup, begun, device, state);
    } finally {
      await device.release();
    }
  } finally {
    await setup.data.close();
  }
}

/** Where the run begins, told. */
interface Begun {
  readonly span: TrainingSpan;
  readonly rules: StepRules;
  readonly parentRun: string | null;
}

async function begin(run: RankRun, setup: RunSetup, start: StartPoint): Promise<Begun> {
  const { emit } = run;
  const side = start.kind === 'resume' ? readSide(start.file) : null;
  const saved = start.kind === 'resume' ? await savedPosition(start.file, setup) : null;
  const span = setup.span(saved);
  const { stepsPerEpoch, sinkSize, globalBatchSize, epochs } = setup.sizes;
  emit({
    type: 'run-started',
    mode: run.valid.config.run_mode ?? 'train',
    worldSize: run.world.size,
    parentRun: side?.runId ?? null,
    totalSteps: span.totalSteps,
    stepsPerEpoch,
    epochs,
    sinkSize,
    printEvery: printEveryOf(run.valid.config),
    globalBatchSize,
    seqLength: setup.spec.seqLength,
    configDigest: configDigest(run.valid.config),
  });
  if (start.kind === 'resume') {
    for (const message of start.warnings) emit({ type: 'warning', code: 'resume', message, place: '' });
    if (side === null) {
      const message = `${start.file} has no side file, so its contents could be proven by structure and entries only`;
      emit({ type: 'warning', code: 'side-file-missing', message, place: '' });
    }
    emit({
      type: 'resume-decided',
      from: start.file,
      epoch: span.initialEpoch,
      step: span.initialStep,
      reasons: start.reasons,
    });
  }
  for (const message of span.warnings) emit({ type: 'warning', code: 'span', message, place: '' });
  if (saved !== null || span.skip > 0) emit(dataSkipped(setup, span, saved));
  if (setup.save !== null && !savesAnything(setup.save.policy)) {
    emit({
      type: 'warning',
      code: 'nothing-saved',
      message: 'neither save_checkpoint_steps nor save_checkpoint_seconds is set: nothing will be saved',
      place: '',
    });
  }
  return { span, rules: setup.rules(span), parentRun: side?.runId ?? null };
}

async function savedPosition(file: string, { seal }: RunSetup): Promise<SavedPosition> {
  const checkpoint = await openCheckpoint(file, seal);
  try {
    const position = await readPosition(checkpoint.source, checkpoint.index);
    const sinkSize = readSide(file)?.sinkSize;
    return {
      step: position.step ?? 0,
      epoch: position.epoch ?? 0,
      globalBatchSize: position.globalBatchSize,
      sunk: sinkSize === undefined ? null : sinkSize !== null,
    };
  } finally {
    await checkpoint.close();
  }
}

function dataSkipped({ sizes, data }: RunSetup, span: TrainingSpan, saved: SavedPosition | null): EventBody {
  const before = { batchSize: saved?.globalBatchSize ?? sizes.globalBatchSize, step: saved?.step ?? 0 };
  const counts = ledger(data.dataset.rows, before, { batchSize: sizes.globalBatchSize, step: span.skip });
  return { type: 'data-skipped', steps: span.skip, samples: span.skip * sizes.globalBatchSize, ...counts };
}

async function prepareDevice(
  run: RankRun,
  setup: RunSetup,
  start: StartPoint,
  { rules }: Begun,
): Promise<{ device: Device; state: RankState }> {
  const { emit } = run;
  const { spec } = setup;
  const recompute = run.valid.config.recompute_config.recompute !== false;
  const units = rules.sizes.local / rules.unitRows;
  const compileBegin = performance.now();
  emit({ type: 'compile-started', stage: 0 });
  const program = llamaProgram(spec, aloneWith(spec, rules.unitRows, units, recompute));
  const device = await Device.compile(program);
  const state = rankState(spec, device.memory, parametersOf(spec), rules.lossScale);
  const bytes = Object.values(device.memory.bytesByRole()).reduce((sum, each) => sum + each, 0);
  const elements = state.parameters.reduce((sum, { values }) => sum + values.length, 0);
  emit({
    type: 'compile-finished',
    stage: 0,
    ms: performance.now() - compileBegin,
    segments: program.segments.length,
    operators: program.segments.reduce((sum, { graph }) => sum + graph.nodes.length, 0),
    parameters: elements,
    deviceBytes: bytes + 2 * elements * Float32Array.BYTES_PER_ELEMENT,
  });
  if (start.kind === 'fresh') initialise(state, run.valid.config.seed);
  else await load(run, setup, start, state);
  return { device, state };
}

async function load(
  run: RankRun,
  setup: RunSetup,
  start: Exclude<StartPoint, { kind: 'fresh' }>,
  state: RankState,
): Promise<void> {
  const begin = performance.now();
  const files = start.kind === 'resume' ? [start.file] : start.files;
  const opened = [];
  try {
    for (const file of files) opened.push(await openCheckpoint(file, setup.seal));
    if (start.kind === 'resume' && opened[0] !== undefined) await resumeState(opened[0], state, setup);
    else await startFromWeights(opened, state, run);
  } finally {
    for (const each of opened) await each.close();
  }
  const bytes = opened.reduce((sum, { source }) => sum + source.size, 0);
  run.emit({ type: 'checkpoint-loaded', path: files.join(', '), bytes, ms: performance.now() - begin });
}

/** Weights, optimizer state, updates and loss scale; the window too, where the side file or the file itself has it. */
async function resumeState(checkpoint: OpenCheckpoint, state: RankState, setup: RunSetup): Promise<void> {
  await loadEverything(checkpoint, state);
  const wrapper = await readWrapper(checkpoint);
  const side = readSide(checkpoint.file);
  const position = await savedPosition(checkpoint.file, setup);
  const { progress } = state;
  progress.globalStep = Math.trunc((wrapper.globalStep ?? 0) * setup.span(position).stepScale);
  const fixed = setup.rules(setup.span(position)).lossScale.kind === 'fixed';
  if (fixed) return;
  progress.lossScale = {
    scale: wrapper.lossScale ?? progress.lossScale.scale,
    currentStep: side?.lossScale.currentStep ?? wrapper.currentStep ?? progress.lossScale.currentStep,
    lastChangeStep: side?.lossScale.lastChangeStep ?? wrapper.lastChangeStep ?? progress.lossScale.lastChangeStep,
  };
}

async function startFromWeights(
  opened: readonly OpenCheckpoint[],
  state: RankState,
  { valid, emit }: RankRun,
): Promise<void> {
  initialise(state, valid.config.seed);
  const { missing, extra } = await loadWeights(opened, state);
  const list = (names: readonly string[]): string =>
    `${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
  const warn = (message: string): void => emit({ type: 'warning', code: 'weights-partial', message, place: '' });
  if (missing.length > 0) warn(`not in the checkpoint, so begun afresh: ${list(missing)}`);
  if (extra.length > 0) warn(`in the checkpoint, but not in this model: ${list(extra)}`);
}

async function trainSteps(
  run: RankRun,
  setup: RunSetup,
  { span, rules, parentRun }: Begun,
  device: Device,
  state: RankState,
): Promise<{ steps: number; finalLoss: number | null }> {
  const keeper = await openKeeper(run, setup, span, rules, parentRun);
  const { config } = run.valid;
  const { dataset } = setup.data;
  const order = batches(dataset, {
    batchSize: rules.sizes.local,
    dropRemainder: config.train_dataset?.drop_remainder ?? true,
    repeat: config.train_dataset?.repeat ?? 1,
    shuffle: setup.shuffle,
    seed: config.train_dataset?.seed ?? config.seed,
    epochs: Math.ceil((span.skip + span.steps) / span.stepsPerEpoch),
    startStep: span.skip,
    seqLength: setup.spec.seqLength,
    signal: run.signal,
  });
  let done = 0;
  let finalLoss: number | null = null;
  let begin = performance.now();
  for await (const batch of order) {
    const outcome = await trainStep(device, state, batch, rules);
    done += 1;
    finalLoss = outcome.loss;
    const stepMs = performance.now() - begin;
    run.emit(stepEvent(span, rules, setup.spec.seqLength, { done, stepMs, outcome, state }));
    const atEnd = done === span.steps;
    if (done % (span.sinkSize ?? 1) === 0 || atEnd) await keeper?.afterStep(state, done, atEnd);
    run.signal.throwIfAborted();
    if (atEnd) break;
    begin = performance.now();
  }
  return { steps: done, finalLoss };
}

async function openKeeper(
  run: RankRun,
  setup: RunSetup,
  span: TrainingSpan,
  rules: StepRules,
  parentRun: string | null,
): Promise<CheckpointKeeper | null> {
  if (setup.save === null) return null;
  const root = setup.paths.output(setup.save.folder);
  for (const file of sweepDrafts(root)) {
    run.emit({
      type: 'checkpoint-rejected',
      path: file,
      reason: 'an unfinished file of a run that is gone was removed',
    });
  }
  return CheckpointKeeper.open({
    settings: setup.save,
    root,
    rank: run.world.rank,
    span,
    globalBatchSize: rules.sizes.global,
    dynamicLossScale: rules.lossScale.kind === 'dynamic',
    seal: setup.seal,
    runId: run.runId,
    parentRun,
    emit: run.emit,
    nowMs: () => Date.now(),
  });
}

interface TakenStep {
  readonly done: number;
  readonly stepMs: number;
  readonly outcome: Awaited<ReturnType<typeof trainStep>>;
  readonly state: RankState;
}

function stepEvent(
  span: TrainingSpan,
  rules: StepRules,
  seqLength: number,
  { done, stepMs, outcome, state }: TakenStep,
): EventBody {
  const step = span.initialStep + done;
  const { global } = rules.sizes;
  return {
    type: 'step',
    ...placeOf(step, span.stepsPerEpoch),
    step,
    samples: step * global,
    loss: outcome.loss,
    lr: outcome.lr,
    lossScale: state.progress.lossScale.scale,
    overflow: outcome.overflow,
    globalNorm: outcome.globalNorm,
    stepMs,
    gradientsMs: outcome.gradientsMs,
    tokensPerSec: (global * seqLength) / (stepMs / 1000),
  };
}
