import type { Batch } from '@cairn/data';
import { unitInputs } from '@cairn/model';
import type { RankPlace } from '@cairn/model';
import type { Device } from '@cairn/npu-sim';
import {
  clipFactor,
  gradientSquares,
  learningRate,
  nextLossScale,
  roundGradients,
  updateParameter,
} from '@cairn/optim';
import type { LearningRateSpec, LossScaleSpec, OptimizerSpec } from '@cairn/optim';
import type { Peers } from '@cairn/graph';
import { stepRows } from './batch-parts.ts';
import type { UnitRules } from './batch-parts.ts';
import { gatherBlocks } from './rank-state.ts';
import type { RankState } from './rank-state.ts';
import type { RankWorld } from './rank-world.ts';
import type { GradientSum } from './sum-gradients.ts';

/** How a step is taken; the same for all steps of a run. */
export interface StepRules extends UnitRules {
  readonly optimizer: OptimizerSpec;
  readonly schedule: LearningRateSpec;
  readonly lossScale: LossScaleSpec;
  /** Norm that gradients are clipped to; null = they are not. */
  readonly clipLimit: number | null;
}

/** A rank that trains: what it computes with, what it changes, and whom it talks to. */
export interface TrainingRank {
  readonly device: Device;
  readonly state: RankState;
  readonly place: RankPlace;
  readonly world: RankWorld;
  readonly peers: Peers | null;
  readonly gradients: GradientSum;
}

export interface StepOutcome {
  readonly loss: number;
  readonly lr: number;
  /** After this step. */
  readonly lossScale: number;
  readonly overflow: boolean;
  /** Before clipping. */
  readonly globalNorm: number;
  readonly gradientsMs: number;
}

/**
 * One optimizer step: gradients of the scaled loss, summed over the ranks, their norm, the update unless they overflowed,
 * the next loss scale (qwen-llama-data §4.5, real-mindformers §5).
 */
export async function trainStep(rank: TrainingRank, batch: Batch, rules: StepRules): Promise<StepOutcome> {
  const { device, state, world } = rank;
  const { parameters, progress } = state;
  const { scale } = progress.lossScale;
  // Gradients are those of the loss times this.
  const factor = rules.sizes.ownMeans === 'averaged' ? scale * world.parallel.dataParallel : scale;
  const begin = performance.now();
  const losses = await device.step(await prepareUnits(rank, batch, rules), rank.peers);
  await rank.gradients.sum();
  const gradientsMs = performance.now() - begin;
  roundGradients(parameters.filter(({ counted }) => !counted));
  const squares = gradientSquares(
    parameters.filter(({ counted }) => counted),
    factor,
  );
  const own = losses.reduce((sum, each) => sum + each, 0);
  const total = await tally(rank, squares, own, rules);
  const norm = Math.fround(Math.sqrt(total.squares));
  const overflow = !Number.isFinite(norm);
  const lr = learningRate(rules.schedule, progress.globalStep);
  if (!overflow) {
    const numbers = {
      learningRate: lr,
      globalStep: progress.globalStep,
      gradientScale: clipFactor(norm, rules.clipLimit) / factor,
    };
    for (const parameter of parameters) updateParameter(rules.optimizer, parameter, numbers);
    await gatherBlocks(state);
    progress.globalStep += 1;
  }
  progress.lossScale = nextLossScale(rules.lossScale, progress.lossScale, overflow);
  const loss = Math.fround(total.loss);
  return { loss, lr, lossScale: progress.lossScale.scale, overflow, globalNorm: norm, gradientsMs };
}

/** The inputs of each unit: some rows of one micro batch, with the weight of their loss in that of the step. */
async function prepareUnits({ state, place, world }: TrainingRank, batch: Batch, rules: StepRules) {
  const { spec, progress } = state;
  const rows = await stepRows(spec, world, batch, rules);
  const seed = Float32Array.of(progress.lossScale.scale);
  return (unit: number) => {
    const options = { maskTotal: rows.maskTotal(unit), share: rows.share };
    return new Map([...unitInputs(spec, place, rows.unit(unit), options), ['d.loss', seed]]);
  };
}

/**
 * Adds up over all ranks, in their order, what each has of the squares of the gradients and of the loss. Where every
 * data-parallel rank has a mean of its own, each keeps its loss, and stages give it to those before them.
 */
async function tally({ place, world }: TrainingRank, squares: number, loss: number, { sizes }: StepRules) {
  if (world.all.size === 1) return { squares, loss };
  const { stage, stages, tensor } = place;
  const has = stage === stages - 1 && tensor.rank === 0;
  const mine = Float64Array.of(squares, has ? loss : 0);
  const all = (await world.all.allGather(new Uint8Array(mine.buffer))).map(
    (bytes) => new Float64Array(bytes.slice().buffer),
  );
  const sum = (of: 0 | 1): number => all.reduce((total, each) => total + (each[of] ?? NaN), 0);
  return { squares: sum(0), loss: sizes.ownMeans === 'none' ? sum(1) : loss };
}
