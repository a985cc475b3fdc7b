import { constantTables, isOnStage, llamaProgram, parametersOf, placeOfRank } from '@cairn/model';
import { Device } from '@cairn/npu-sim';
import { inOptimizerOrder } from '@cairn/optim';
import type { Begun } from './begin-run.ts';
import { openCheckpoint } from './checkpoint-file.ts';
import type { OpenCheckpoint } from './checkpoint-file.ts';
import { loadEverything, loadWeights, readWrapper } from './load-checkpoint.ts';
import { snapshotBytes } from './open-keeper.ts';
import type { RankRun } from './rank-run.ts';
import { gatherBlocks, initialise, rankState } from './rank-state.ts';
import type { RankState } from './rank-state.ts';
import { RankWorld } from './rank-world.ts';
import type { RunSetup } from './run-setup.ts';
import type { StartPoint } from './start-point.ts';
import { GradientSum } from './sum-gradients.ts';
import type { TrainingRank } from './train-step.ts';

/** Compiles the program and fills the state: with fresh values, with weights, or with everything a checkpoint holds. */
export async function prepareDevice(
  run: RankRun,
  setup: RunSetup,
  start: StartPoint,
  begun: Begun,
): Promise<TrainingRank> {
  const { rules } = begun;
  const { emit } = run;
  const { spec, spread } = setup;
  const world = new RankWorld(run.world, spread.parallel);
  const { stage } = world.own;
  const recompute = run.valid.config.recompute_config.recompute !== false;
  const units = rules.sizes.local / rules.unitRows;
  const compileBegin = performance.now();
  emit({ type: 'compile-started', stage });
  const division = { rows: rules.unitRows, units, recompute };
  const place = placeOfRank(spec, spread.parallel, run.world.rank, spread.stageOfLayer, division);
  const program = llamaProgram(spec, place);
  const device = await Device.compile(program);
  device.memory.fill(constantTables(spec, place));
  const own = inOptimizerOrder(parametersOf(spec).filter((parameter) => isOnStage(parameter, spec, place)));
  const state = rankState(spec, device.memory, world, own, rules.lossScale);
  const bytes = Object.values(device.memory.bytesByRole()).reduce((sum, each) => sum + each, 0);
  const elements = state.parameters.reduce((sum, { block }) => sum + block.length, 0);
  const states = state.parameters.reduce((sum, { m, v }) => sum + m.byteLength + v.byteLength, 0);
  emit({
    type: 'compile-finished',
    stage,
    ms: performance.now() - compileBegin,
    segments: program.segments.length,
    operators: program.segments.reduce((sum, { graph }) => sum + graph.nodes.length, 0),
    parameters: elements,
    deviceBytes: bytes + states + snapshotBytes(setup, begun, state),
  });
  if (start.kind === 'fresh') initialise(state, run.valid.config.seed);
  else await load(run, setup, start, begun, state);
  await gatherBlocks(state);
  const gradients = new GradientSum(world, spec, place, state.parameters);
  return { device, state, place, world, peers: world.peers(), gradients };
}

async function load(
  run: RankRun,
  setup: RunSetup,
  start: Exclude<StartPoint, { kind: 'fresh' }>,
  begun: Begun,
  state: RankState,
): Promise<void> {
  const begin = performance.now();
  const files = start.kind === 'resume' ? [start.file] : start.files;
  const opened = [];
  try {
    for (const file of files) opened.push(await openCheckpoint(file, setup.seal));
    if (start.kind === 'resume' && opened[0] !== undefined) await resumeState(opened[0], state, begun);
    else await startFromWeights(opened, state, run);
  } finally {
    for (const each of opened) await each.close();
  }
  const bytes = opened.reduce((sum, { source }) => sum + source.size, 0);
  run.emit({ type: 'checkpoint-loaded', path: files.join(', '), bytes, ms: performance.now() - begin });
}

/** Weights, optimizer state, updates and loss scale; the window too, where the side file or the file itself has it. */
async function resumeState(
  checkpoint: OpenCheckpoint,
  { progress, ...state }: RankState,
  { span, rules, side }: Begun,
): Promise<void> {
  await loadEverything(checkpoint, { progress, ...state });
  const wrapper = await readWrapper(checkpoint);
  progress.globalStep = Math.trunc((wrapper.globalStep ?? 0) * span.stepScale);
  if (rules.lossScale.kind === 'fixed') return;
  const { scale, currentStep, lastChangeStep } = progress.lossScale;
  progress.lossScale = {
    scale: wrapper.lossScale ?? scale,
    currentStep: side?.lossScale.currentStep ?? wrapper.currentStep ?? currentStep,
    lastChangeStep: side?.lossScale.lastChangeStep ?? wrapper.lastChangeStep ?? lastChangeStep,
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
