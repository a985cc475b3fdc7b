import { roundTo } from '@cairn/bytes';
import { sumOfSquares } from './kernel.ts';
import type { TrainedParameter } from './optimizer.ts';

/**
 * Σ g² of the gradients divided by the loss scale, over the parameters of one rank. Gradients are first rounded to their
 * parameter's type, as the backward pass leaves them there (qwen-llama-data §3.4), so that they overflow where it would.
 *
 * @returns NaN or infinite when a gradient is
 */
export function gradientSquares(parameters: readonly TrainedParameter[], lossScale: number): number {
  let total = 0;
  for (const { gradient, dtype } of parameters) total += sumOfSquares(roundTo(dtype, gradient));
  return total / (lossScale * lossScale);
}

/** Rounds gradients to their parameter's type: those that another rank counts. */
export function roundGradients(parameters: readonly TrainedParameter[]): void {
  for (const { gradient, dtype } of parameters) roundTo(dtype, gradient);
}

/**
 * The factor that clips gradients to a global norm: limit / (max(norm, limit) + 1e-6), so slightly below 1 even when
 * nothing is clipped (qwen-llama-data §4.4).
 *
 * @param limit null = gradients are not clipped
 */
export function clipFactor(norm: number, limit: number | null): number {
  return limit === null ? 1 : limit / (Math.max(norm, limit) + 1e-6);
}
