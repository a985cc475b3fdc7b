import { storedParts } from '@cairn/strategy';
import type { StoredPart } from '@cairn/strategy';
import type { Begun } from './begin-run.ts';
import { isReduced } from './checkpoint-file.ts';
import type { ReadableCheckpoint } from './checkpoint-file.ts';
import type { CheckpointReading } from './checkpoint-reading.ts';
import { fetchLent } from './lent-pieces.ts';
import { loadEverything, loadWeights, readWrapper, stateTargets, weightTargets } from './load-checkpoint.ts';
import type { RankRun } from './rank-run.ts';
import { initialise } from './rank-state.ts';
import type { RankState } from './rank-state.ts';
import type { RankWorld } from './rank-world.ts';
import type { RunSetup } from './run-setup.ts';

/** What is filled, and what is known of the run it belongs to. */
export interface Loading {
  readonly run: RankRun;
  readonly setup: RunSetup;
  readonly begun: Begun;
  readonly world: RankWorld;
  readonly state: RankState;
}

/**
 * Fills the state of a rank with what its checkpoints hold: with everything when training is resumed, else with weights.
 *
 * @throws RunError exit 4 when they are of another model
 */
export async function loadState(loading: Loading, reading: CheckpointReading): Promise<void> {
  const { run, state, world } = loading;
  const { checkpoints, beganMs } = await reading.ready();
  const parts = await partsOfOthers(loading, checkpoints);
  const lent = new Set(parts.flatMap(({ name, owner }) => (owner === run.world.rank ? [] : [name])));
  const weights = weightTargets(state);
  const [first] = checkpoints;
  if (reading.resumes && first !== undefined) {
    await resumeState(first, loading, lent);
    await fetchLent(parts, new Map([...weights, ...stateTargets(state)]), world);
  } else {
    await startFromWeights(checkpoints, loading, lent);
    await fetchLent(parts, weights, world);
  }
  run.emit({
    type: 'checkpoint-loaded',
    path: checkpoints.map(({ file }) => file).join(', '),
    bytes: checkpoints.reduce((sum, { index }) => sum + index.bytes, 0),
    ms: performance.now() - beganMs,
  });
}

/** Who stores what this rank holds, when a file of any rank lacks what others store; nothing when all files hold all. */
async function partsOfOthers(
  { run, setup, world }: Loading,
  checkpoints: readonly ReadableCheckpoint[],
): Promise<readonly StoredPart[]> {
  if (run.world.size === 1) return [];
  const reduced = checkpoints.some(({ index }) => isReduced(index, setup.expected.reduced));
  const flags = await run.world.allGather(Uint8Array.of(Number(reduced)));
  return flags.some(([flag]) => flag === 1) ? storedParts(setup.inventory, world.parallel, run.world.rank) : [];
}

/** Weights, optimizer state, updates and loss scale; the window too, where the side file or the file itself has it. */
async function resumeState(
  checkpoint: ReadableCheckpoint,
  { state, begun: { span, rules, side } }: Loading,
  lent: ReadonlySet<string>,
): Promise<void> {
  const { progress } = state;
  await loadEverything(checkpoint, state, lent);
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
  checkpoints: readonly ReadableCheckpoint[],
  { state, run: { valid, emit } }: Loading,
  lent: ReadonlySet<string>,
): Promise<void> {
  initialise(state, valid.config.seed);
  const { missing, extra } = await loadWeights(checkpoints, state, lent);
  const list = (names: readonly string[]): string =>
    `${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
  const warn = (message: string): void => emit({ type: 'warning', code: 'weights-partial', message, place: '' });
  if (missing.length > 0) warn(`not in the checkpoint, so begun afresh: ${list(missing)}`);
  if (extra.length > 0) warn(`in the checkpoint, but not in this model: ${list(extra)}`);
}
