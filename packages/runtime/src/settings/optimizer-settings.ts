import type { LrScheduleConfig, RunConfig } from '@cairn/config';
import { checkLearningRate, OptimError } from '@cairn/optim';
import type { LearningRateSpec, LossScaleSpec, OptimizerRule, OptimizerSpec } from '@cairn/optim';
import { unsupported } from '../run-error.ts';

/** Class names and registered aliases of the optimizers whose rule is known (qwen-llama-data §4.2). */
const RULES: Readonly<Record<string, OptimizerRule>> = {
  AdamW: 'AdamW',
  FusedAdamW: 'AdamW',
  FP32StateAdamWeightDecay: 'FP32StateAdamWeightDecay',
  fp32_adamw: 'FP32StateAdamWeightDecay',
  FusedAdamWeightDecay: 'FP32StateAdamWeightDecay',
  fused_adamw: 'FP32StateAdamWeightDecay',
  AdamWeightDecay: 'FP32StateAdamWeightDecay',
  adamw: 'FP32StateAdamWeightDecay',
  AdamWeightDecayX: 'AdamWeightDecayX',
};

/** @throws RunError `unsupported` for another optimizer */
export function optimizerSpecOf({ optimizer }: RunConfig): OptimizerSpec {
  const rule = Object.hasOwn(RULES, optimizer.type) ? RULES[optimizer.type] : undefined;
  if (rule === undefined) {
    throw unsupported(
      ['optimizer', 'type'],
      `${optimizer.type} is not computed: use one of ${Object.keys(RULES).join(', ')}`,
    );
  }
  const [beta1, beta2] = optimizer.betas;
  return { rule, beta1, beta2, eps: optimizer.eps, weightDecay: optimizer.weight_decay };
}

/** @throws RunError `unsupported` for a kind of loss scale that is not known */
export function lossScaleSpecOf({ runner_wrapper: { scale_sense: sense } }: RunConfig): LossScaleSpec {
  if (typeof sense === 'number') return { kind: 'fixed', scale: sense };
  switch (sense.type) {
    case 'DynamicLossScaleUpdateCell':
      return { kind: 'dynamic', scale: sense.loss_scale_value, factor: sense.scale_factor, window: sense.scale_window };
    case 'FixedLossScaleUpdateCell':
      return { kind: 'fixed', scale: sense.loss_scale_value };
    default:
      throw unsupported(
        ['runner_wrapper', 'scale_sense', 'type'],
        `${sense.type} is not computed: use DynamicLossScaleUpdateCell or FixedLossScaleUpdateCell`,
      );
  }
}

/** The norm gradients are clipped to; null = they are not. */
export function clipLimitOf({ runner_wrapper: wrapper }: RunConfig): number | null {
  return wrapper.use_clip_grad ? wrapper.max_grad_norm : null;
}

export interface ScheduleSizes {
  /** Steps of the whole run. */
  readonly totalSteps: number;
  readonly stepsPerEpoch: number;
  /** Devices times rows of each: what `lr_scale` multiplies by. */
  readonly scaleBatch: number;
}

type WithoutWarmUp = 'CosineAnnealingLR' | 'CosineAnnealingWarmRestarts';
type Warmed = Exclude<LearningRateSpec['kind'], WithoutWarmUp | 'constant'>;

/** Registered names of the schedules (qwen-llama-data §4.3). */
const KINDS: Readonly<Record<string, Warmed | WithoutWarmUp>> = {
  ConstantWarmUpLR: 'ConstantWarmUpLR',
  constant_with_warmup: 'ConstantWarmUpLR',
  LinearWithWarmUpLR: 'LinearWithWarmUpLR',
  linear: 'LinearWithWarmUpLR',
  CosineWithWarmUpLR: 'CosineWithWarmUpLR',
  cosine: 'CosineWithWarmUpLR',
  CosineWithRestartsAndWarmUpLR: 'CosineWithRestartsAndWarmUpLR',
  cosine_with_restarts: 'CosineWithRestartsAndWarmUpLR',
  PolynomialWithWarmUpLR: 'PolynomialWithWarmUpLR',
  polynomial: 'PolynomialWithWarmUpLR',
  ConstantWithCoolDownLR: 'ConstantWithCoolDownLR',
  WarmUpStableDecayLR: 'WarmUpStableDecayLR',
  CosineAnnealingLR: 'CosineAnnealingLR',
  cosine_annealing: 'CosineAnnealingLR',
  CosineAnnealingWarmRestarts: 'CosineAnnealingWarmRestarts',
  cosine_annealing_warm_restarts: 'CosineAnnealingWarmRestarts',
};

/**
 * The learning rate over the run. `total_steps` -1 is the steps of the run; `warmup_ratio` wins over `warmup_epochs` and
 * `warmup_steps` (qwen-llama-data §4.3).
 *
 * @throws RunError `unsupported` for another schedule, OptimError for numbers that do not fit
 */
export function learningRateSpecOf(config: RunConfig, sizes: ScheduleSizes): LearningRateSpec {
  const { lr_schedule: schedule, optimizer } = config;
  const factor = config.lr_scale ? sizes.scaleBatch / config.lr_scale_factor : 1;
  const top = (schedule?.learning_rate ?? optimizer.learning_rate) * factor;
  if (schedule === null) return { kind: 'constant', learningRate: top };
  const kind = Object.hasOwn(KINDS, schedule.type) ? KINDS[schedule.type] : undefined;
  if (kind === undefined) {
    throw unsupported(
      ['lr_schedule', 'type'],
      `${schedule.type} is not computed: use one of ${Object.keys(KINDS).join(', ')}`,
    );
  }
  if (kind === 'CosineAnnealingLR' || kind === 'CosineAnnealingWarmRestarts') {
    return checkLearningRate(annealing(kind, schedule, (schedule.base_lr ?? top / factor) * factor));
  }
  return checkLearningRate(warmed(kind, schedule, top, sizes));
}

function annealing(kind: WithoutWarmUp, schedule: LrScheduleConfig, base: number): LearningRateSpec {
  if (kind === 'CosineAnnealingLR') return { kind, base, period: schedule.t_max ?? 0, end: schedule.eta_min };
  return { kind, base, firstPeriod: schedule.t_0 ?? 0, multiplier: schedule.t_mult, end: schedule.eta_min };
}

function warmed(
  kind: Warmed,
  schedule: LrScheduleConfig,
  learningRate: number,
  sizes: ScheduleSizes,
): LearningRateSpec {
  const totalSteps = schedule.total_steps > 0 ? schedule.total_steps : sizes.totalSteps;
  const warmupSteps = warmupStepsOf(schedule, totalSteps, sizes.stepsPerEpoch);
  const warm = { learningRate, warmupSteps, warmupInit: schedule.warmup_lr_init };
  const decaySteps =
    schedule.decay_ratio === null ? schedule.decay_steps : Math.trunc(totalSteps * schedule.decay_ratio);
  switch (kind) {
    case 'ConstantWarmUpLR':
      return { kind, ...warm };
    case 'LinearWithWarmUpLR':
      return { kind, ...warm, totalSteps };
    case 'CosineWithWarmUpLR':
      return {
        kind,
        ...warm,
        totalSteps,
        decaySteps: Math.max(1, decaySteps ?? totalSteps),
        end: schedule.lr_end,
        cycles: schedule.num_cycles,
      };
    case 'CosineWithRestartsAndWarmUpLR':
      return { kind, ...warm, totalSteps, end: schedule.lr_end, cycles: schedule.num_cycles };
    case 'PolynomialWithWarmUpLR':
      return {
        kind,
        ...warm,
        totalSteps,
        decaySteps: Math.max(1, decaySteps ?? totalSteps - warmupSteps),
        end: schedule.lr_end,
        power: schedule.power,
      };
    case 'ConstantWithCoolDownLR':
      return {
        kind,
        ...warm,
        keepSteps: schedule.keep_steps,
        decaySteps: decaySteps ?? 0,
        end: schedule.lr_end1,
        finalSteps: schedule.final_steps,
        finalEnd: schedule.lr_end2 ?? schedule.lr_end1,
        cycles: schedule.num_cycles,
      };
    case 'WarmUpStableDecayLR':
      return { kind, ...warm, totalSteps, decayStart: decayStartOf(schedule, totalSteps), end: schedule.lr_end };
  }
}

/** @throws OptimError when nothing says where it is */
function decayStartOf(schedule: LrScheduleConfig, totalSteps: number): number {
  const { decay_start_steps: steps, decay_start_ratio: ratio } = schedule;
  if (ratio !== null) return Math.trunc(totalSteps * ratio);
  if (steps !== null) return steps;
  throw new OptimError('WarmUpStableDecayLR needs decay_start_steps or decay_start_ratio', [
    'lr_schedule',
    'decay_start_steps',
  ]);
}

function warmupStepsOf(schedule: LrScheduleConfig, totalSteps: number, stepsPerEpoch: number): number {
  if (schedule.warmup_ratio !== null) return Math.trunc(totalSteps * schedule.warmup_ratio);
  if (schedule.warmup_epochs !== null) return Math.trunc(schedule.warmup_epochs * stepsPerEpoch);
  return schedule.warmup_steps;
}
