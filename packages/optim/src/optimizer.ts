import { roundTo } from '@cairn/bytes';
import { adamStep } from './kernel.ts';

/** The rules that are known; all of them are Adam with decoupled weight decay (qwen-llama-data §4.2). */
export type OptimizerRule = 'AdamW' | 'FP32StateAdamWeightDecay' | 'AdamWeightDecayX';

/** An optimizer: its rule and its hyper-parameters. */
export interface OptimizerSpec {
  readonly rule: OptimizerRule;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Decay of parameters of two or more axes; others do not decay. */
  readonly weightDecay: number;
}

/** A parameter (or the slice of one) with its gradient and its state. */
export interface TrainedParameter {
  readonly name: string;
  readonly dtype: 'Float16' | 'BFloat16' | 'Float32';
  /** Whether weight decay applies. */
  readonly decays: boolean;
  readonly values: Float32Array;
  /** Of the scaled loss. */
  readonly gradient: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Whether weight decay applies: to everything but vectors (norm weights, biases) (qwen-llama-data §4.1). */
export function decays(name: string, shape: readonly number[]): boolean {
  return shape.length >= 2 && !name.endsWith('.bias');
}

/** Parameters in the optimizer's order: those that decay, then the others, each in the order of the model. */
export function inOptimizerOrder<P extends { readonly name: string; readonly shape: readonly number[] }>(
  parameters: readonly P[],
): readonly P[] {
  const groupOf = (parameter: P): number => (decays(parameter.name, parameter.shape) ? 0 : 1);
  return parameters.toSorted((a, b) => groupOf(a) - groupOf(b));
}

/** The numbers of one update, the same for all parameters. */
export interface UpdateNumbers {
  readonly learningRate: number;
  /** Updates applied before this one. */
  readonly globalStep: number;
  /** What gradients are multiplied by: clipping over loss scale. */
  readonly gradientScale: number;
}

/**
 * One update of a parameter in place: values, m and v. Values are rounded to the parameter's type afterwards; there is
 * no second copy of them in float32.
 *
 * With t = globalStep + 1, all rules are w ← w·(1 - lr·decay) - rate·m / (√v·correction + eps):
 * AdamW has rate lr/(1 - β₁ᵗ) and correction 1/√(1 - β₂ᵗ); FP32StateAdamWeightDecay has no bias correction;
 * AdamWeightDecayX has rate lr·√(1 - β₂ᵗ)/(1 - β₁ᵗ).
 */
export function updateParameter(spec: OptimizerSpec, parameter: TrainedParameter, numbers: UpdateNumbers): void {
  const { beta1, beta2, eps } = spec;
  const { learningRate, globalStep, gradientScale } = numbers;
  const firstBias = 1 - beta1 ** (globalStep + 1);
  const secondBias = Math.sqrt(1 - beta2 ** (globalStep + 1));
  const [rate, correction] = {
    AdamW: [learningRate / firstBias, 1 / secondBias] as const,
    FP32StateAdamWeightDecay: [learningRate, 1] as const,
    AdamWeightDecayX: [(learningRate * secondBias) / firstBias, 1] as const,
  }[spec.rule];
  const keep = parameter.decays ? 1 - learningRate * spec.weightDecay : 1;
  adamStep(parameter, { beta1, beta2, eps, gradientScale, keep, rate, correction });
  roundTo(parameter.dtype, parameter.values);
}
