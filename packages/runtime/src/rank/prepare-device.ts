import { constantTables, isOnStage, llamaProgram, parametersOf, placeOfRank } from '@cairn/model';
import { Device } from '@cairn/npu-sim';
import { inOptimizerOrder } from '@cairn/optim';
import { readInBackground } from '../workers/read-in-background.ts';
import type { Begun } from './begin-run.ts';
import { readWhenLoaded } from './checkpoint-reading.ts';
import type { CheckpointReading } from './checkpoint-reading.ts';
import { loadState } from './load-state.ts';
import { snapshotBytes } from './open-keeper.ts';
import type { RankRun } from './rank-run.ts';
import { gatherBlocks, initialise, rankState } from './rank-state.ts';
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
  const world = new RankWorld(run.world, setup.spread.parallel);
  const reading = beginReading(run, setup, start);
  try {
    const { device, state, place } = await compile(run, setup, begun, world);
    if (reading === null) initialise(state, run.valid.config.seed);
    else await loadState({ run, setup, begun, world, state }, reading);
    await gatherBlocks(state);
    const gradients = new GradientSum(world, setup.spec, place, state.parameters);
    return { device, state, place, world, peers: world.peers(), gradients };
  } finally {
    await reading?.close();
  }
}

/** Reads while the program is compiled, or after; null = there is nothing to read. */
function beginReading(
  { valid: { config }, emit }: RankRun,
  { seal }: RunSetup,
  start: StartPoint,
): CheckpointReading | null {
  if (start.kind === 'fresh') return null;
  if (!config.load_ckpt_async) return readWhenLoaded(start, seal);
  if (!config.auto_trans_ckpt) return readInBackground(start, seal);
  const message =
    'load_ckpt_async has no effect together with auto_trans_ckpt: the checkpoint is loaded after compilation';
  emit({ type: 'warning', code: 'load-not-async', message, place: '' });
  return readWhenLoaded(start, seal);
}

async function compile({ valid, world: { rank }, emit }: RankRun, setup: RunSetup, begun: Begun, world: RankWorld) {
  const { spec, spread } = setup;
  const { rules } = begun;
  const { stage } = world.own;
  const begin = performance.now();
  emit({ type: 'compile-started', stage });
  const place = placeOfRank(spec, spread.parallel, rank, spread.stageOfLayer, {
    rows: rules.unitRows,
    units: rules.sizes.local / rules.unitRows,
    recompute: valid.config.recompute_config.recompute !== false,
  });
  const program = llamaProgram(spec, place);
  const device = await Device.compile(program);
  device.memory.fill(constantTables(spec, place));
  const own = inOptimizerOrder(parametersOf(spec).filter((parameter) => isOnStage(parameter, spec, place)));
  const state = rankState(spec, device.memory, world, own, rules.lossScale);
  const bytes = Object.values(device.memory.bytesByRole()).reduce((sum, each) => sum + each, 0);
  const states = state.parameters.reduce((sum, { m, v }) => sum + m.byteLength + v.byteLength, 0);
  emit({
    type: 'compile-finished',
    stage,
    ms: performance.now() - begin,
    segments: program.segments.length,
    operators: program.segments.reduce((sum, { graph }) => sum + graph.nodes.length, 0),
    parameters: state.parameters.reduce((sum, { block }) => sum + block.length, 0),
    deviceBytes: bytes + states + snapshotBytes(setup, begun, state),
  });
  return { device, state, place };
}
