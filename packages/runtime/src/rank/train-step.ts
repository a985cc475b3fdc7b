import type { Batch } from '@cairn/data';
import type { PrepareUnit } from '@cairn/graph';
import { lossMask, unitInputs } from '@cairn/model';
import type { LlamaSpec, TokenRows } from '@cairn/model';
import type { Device } from '@cairn/npu-sim';
import { clipFactor, gradientSquares, learningRate, nextLossScale, updateParameter } from '@cairn/optim';
import type { LearningRateSpec, LossScaleSpec, OptimizerSpec } from '@cairn/optim';
import type { BatchSizes } from '../settings/batch-sizes.ts';
import type { RankState } from './rank-state.ts';

/** How a step is taken; the same for all steps of a run. */
export interface StepRules {
  readonly sizes: BatchSizes;
  /** Rows of a unit. */
  readonly unitRows: number;
  readonly optimizer: OptimizerSpec;
  readonly schedule: LearningRateSpec;
  readonly lossScale: LossScaleSpec;
  /** Whether the loss is the mean over the tokens of all micro batches, not of the micro batches' means. */
  readonly perTokenLoss: boolean;
  /** Norm that gradients are clipped to; null = they are not. */
  readonly clipLimit: number | null;
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
 * One optimizer step: gradients of the scaled loss, their norm, the update unless they overflowed, the next loss scale
 * (qwen-llama-data §4.5, real-mindformers §5).
 */
export async function trainStep(
  device: Device,
  state: RankState,
  batch: Batch,
  rules: StepRules,
): Promise<StepOutcome> {
  const { parameters, progress } = state;
  const { scale } = progress.lossScale;
  const begin = performance.now();
  const losses = await device.step(unitsOf(state.spec, batch, rules, scale));
  const gradientsMs = performance.now() - begin;
  const norm = Math.fround(Math.sqrt(gradientSquares(parameters, scale)));
  const overflow = !Number.isFinite(norm);
  const lr = learningRate(rules.schedule, progress.globalStep);
  if (!overflow) {
    const numbers = {
      learningRate: lr,
      globalStep: progress.globalStep,
      gradientScale: clipFactor(norm, rules.clipLimit) / scale,
    };
    for (const parameter of parameters) updateParameter(rules.optimizer, parameter, numbers);
    progress.globalStep += 1;
  }
  progress.lossScale = nextLossScale(rules.lossScale, progress.lossScale, overflow);
  const loss = Math.fround(losses.reduce((sum, each) => sum + each, 0));
  return { loss, lr, lossScale: progress.lossScale.scale, overflow, globalNorm: norm, gradientsMs };
}

/** The inputs of each unit: some rows of one micro batch, with the weight of their loss in that of the step. */
function unitsOf(
  spec: LlamaSpec,
  batch: Batch,
  { sizes, unitRows, perTokenLoss }: StepRules,
  scale: number,
): PrepareUnit {
  const wide = spec.seqLength + 1;
  const rowsOf = (begin: number, count: number): TokenRows => {
    const part = (ids: Int32Array): Int32Array => ids.subarray(begin * wide, (begin + count) * wide);
    return { inputIds: part(batch.inputIds), ...(batch.labels && { labels: part(batch.labels) }) };
  };
  const parts = perTokenLoss ? 1 : sizes.microBatches;
  const partRows = sizes.local / parts;
  const totals = Array.from({ length: parts }, (_, part) =>
    lossMask(spec, rowsOf(part * partRows, partRows)).reduce((sum, weight) => sum + weight, 0),
  );
  const seed = Float32Array.of(scale);
  return (unit) => {
    const begin = unit * unitRows;
    const inputs = unitInputs(spec, rowsOf(begin, unitRows), {
      maskTotal: totals[Math.floor(begin / partRows)] ?? 0,
      share: 1 / parts,
      vocabulary: { rank: 0, size: 1 },
    });
    return new Map([...inputs, ['d.loss', seed]]);
  };
}
