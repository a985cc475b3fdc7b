import { OptimError } from './optim-error.ts';

interface WarmUp {
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly warmupInit: number;
}

/** A learning rate as a function of the updates applied before (qwen-llama-data §4.3; WarmUpStableDecayLR: mindformers.core, r1.7). */
export type LearningRateSpec =
  | { readonly kind: 'constant'; readonly learningRate: number }
  | ({ readonly kind: 'ConstantWarmUpLR' } & WarmUp)
  | ({ readonly kind: 'LinearWithWarmUpLR'; readonly totalSteps: number } & WarmUp)
  | ({
      readonly kind: 'CosineWithWarmUpLR';
      readonly totalSteps: number;
      readonly decaySteps: number;
      readonly end: number;
      readonly cycles: number;
    } & WarmUp)
  | ({
      readonly kind: 'CosineWithRestartsAndWarmUpLR';
      readonly totalSteps: number;
      readonly end: number;
      readonly cycles: number;
    } & WarmUp)
  | ({
      readonly kind: 'PolynomialWithWarmUpLR';
      readonly totalSteps: number;
      readonly decaySteps: number;
      readonly end: number;
      readonly power: number;
    } & WarmUp)
  | ({
      readonly kind: 'ConstantWithCoolDownLR';
      readonly keepSteps: number;
      readonly decaySteps: number;
      readonly end: number;
      readonly finalSteps: number;
      readonly finalEnd: number;
      readonly cycles: number;
    } & WarmUp)
  | ({
      readonly kind: 'WarmUpStableDecayLR';
      readonly totalSteps: number;
      readonly decayStart: number;
      readonly end: number;
    } & WarmUp)
  | { readonly kind: 'CosineAnnealingLR'; readonly base: number; readonly period: number; readonly end: number }
  | {
      readonly kind: 'CosineAnnealingWarmRestarts';
      readonly base: number;
      readonly firstPeriod: number;
      readonly multiplier: number;
      readonly end: number;
    };

/**
 * The learning rate of the next update, as float32.
 *
 * @param step updates applied before it, 0 for the first
 */
export function learningRate(spec: LearningRateSpec, step: number): number {
  return Math.fround(exactRate(spec, step));
}

function exactRate(spec: LearningRateSpec, s: number): number {
  // Upstream's cosine looks at its end first, so a warm-up that reaches beyond it is cut.
  if (spec.kind === 'CosineWithWarmUpLR' && s >= spec.decaySteps) return spec.end;
  const rising = 'warmupSteps' in spec ? warmUp(spec, s) : null;
  return rising ?? rateAfterWarmUp(spec, s);
}

function rateAfterWarmUp(spec: LearningRateSpec, s: number): number {
  switch (spec.kind) {
    case 'constant':
    case 'ConstantWarmUpLR':
      return spec.learningRate;
    case 'LinearWithWarmUpLR':
      return spec.learningRate * Math.max(0, (spec.totalSteps - s) / afterWarmUp(spec));
    case 'CosineWithWarmUpLR':
      return between(spec.learningRate, spec.end, cosine(2 * spec.cycles * progress(spec, s)));
    case 'CosineWithRestartsAndWarmUpLR': {
      const rest = progress(spec, s) >= 1 ? 0 : cosine((spec.cycles * progress(spec, s)) % 1);
      return between(spec.learningRate, spec.end, rest);
    }
    case 'PolynomialWithWarmUpLR': {
      if (s > spec.totalSteps) return spec.end;
      return between(spec.learningRate, spec.end, (1 - (s - spec.warmupSteps) / spec.decaySteps) ** spec.power);
    }
    case 'ConstantWithCoolDownLR':
      return coolDown(spec, s - spec.warmupSteps);
    case 'WarmUpStableDecayLR':
      return between(spec.learningRate, spec.end, remaining(spec.decayStart, spec.totalSteps, s));
    case 'CosineAnnealingLR':
      return between(spec.base, spec.end, cosine(s / spec.period));
    case 'CosineAnnealingWarmRestarts': {
      const { begin, length } = period(spec.firstPeriod, spec.multiplier, s);
      return between(spec.base, spec.end, cosine((s - begin) / length));
    }
  }
}

/** Part of the steps after the warm-up that is over, 0 to 1. */
function progress(spec: { readonly totalSteps: number; readonly warmupSteps: number }, s: number): number {
  return (s - spec.warmupSteps) / afterWarmUp(spec);
}

/** The rate while warming up; null when that is over. */
function warmUp({ learningRate, warmupSteps, warmupInit }: WarmUp, s: number): number | null {
  return s < warmupSteps ? warmupInit + ((learningRate - warmupInit) * s) / warmupSteps : null;
}

function afterWarmUp(spec: { readonly totalSteps: number; readonly warmupSteps: number }): number {
  return Math.max(1, spec.totalSteps - spec.warmupSteps);
}

/** What is left of the way from one step to another: 1 before it, 0 behind it. */
function remaining(from: number, to: number, s: number): number {
  return 1 - Math.min(1, Math.max(0, s - from) / Math.max(1, to - from));
}

/** Half a cosine wave: 1 at 0, 0 at 1. */
function cosine(halfTurns: number): number {
  return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * halfTurns)));
}

function between(high: number, low: number, part: number): number {
  return low + (high - low) * part;
}

type CoolDown = Extract<LearningRateSpec, { kind: 'ConstantWithCoolDownLR' }>;

/** Constant for keepSteps, a cosine (half a wave unless told) down to `end` over decaySteps, held for finalSteps, then `finalEnd`. */
function coolDown(spec: CoolDown, s: number): number {
  if (s < spec.keepSteps) return spec.learningRate;
  const decayed = s - spec.keepSteps;
  if (decayed < spec.decaySteps) {
    return between(spec.learningRate, spec.end, cosine((2 * spec.cycles * decayed) / spec.decaySteps));
  }
  return decayed < spec.decaySteps + spec.finalSteps ? spec.end : spec.finalEnd;
}

/** The restart period that step s lies in. */
function period(first: number, multiplier: number, s: number): { begin: number; length: number } {
  let begin = 0;
  let length = first;
  while (s >= begin + length) {
    begin += length;
    length *= multiplier;
  }
  return { begin, length };
}

/**
 * Checks a schedule.
 *
 * @throws OptimError naming the key of `lr_schedule` at fault
 */
export function checkLearningRate(spec: LearningRateSpec): LearningRateSpec {
  const fail = (key: string, message: string): never => {
    throw new OptimError(message, ['lr_schedule', key]);
  };
  if (spec.kind === 'PolynomialWithWarmUpLR' && spec.learningRate <= spec.end) {
    fail('lr_end', `lr_end ${spec.end} must be below learning_rate ${spec.learningRate}`);
  }
  if (spec.kind === 'CosineAnnealingLR' && !(spec.period >= 1)) fail('t_max', 't_max must be at least 1');
  if (spec.kind === 'CosineAnnealingWarmRestarts') {
    if (!(spec.firstPeriod >= 1)) fail('t_0', 't_0 must be at least 1');
    if (!(spec.multiplier >= 1)) fail('t_mult', 't_mult must be at least 1');
  }
  return spec;
}
