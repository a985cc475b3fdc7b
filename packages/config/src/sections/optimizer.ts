import type { Keys, Siblings } from '../keys/key.ts';
import { derived, key, required } from '../keys/key.ts';
import { betas, positive, real, text } from '../keys/leaf.ts';

/** The optimizer; `beta1` and `beta2` of the file are read into `betas`. */
export interface OptimizerConfig {
  readonly type: string;
  readonly learning_rate: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weight_decay: number;
}

/** Decay of Adam's two moments when nothing is said (qwen-llama-data §4.2). */
export const DEFAULT_BETAS: readonly [number, number] = [0.9, 0.999];

/** Optimizers whose constructor has eps 1e-6; the others have 1e-8 (qwen-llama-data §4.2). */
const LARGE_EPS: ReadonlySet<unknown> = new Set(['FP32StateAdamWeightDecay', 'fp32_adamw', 'AdamWeightDecay', 'adamw']);

const epsOf = ({ type }: Siblings): number => (LARGE_EPS.has(type) ? 1e-6 : 1e-8);

/** How the optimizer section is read. */
export const optimizerKeys: Keys<OptimizerConfig> = {
  type: required(text, 'Class of the optimizer: AdamW, FP32StateAdamWeightDecay, ...'),
  learning_rate: key(real(0), 1e-3, 'Learning rate when there is no lr_schedule.'),
  betas: key(betas, DEFAULT_BETAS, 'Decay of the first and second moment; beta1 and beta2 say the same.'),
  eps: derived(
    positive,
    epsOf,
    'constructor of the optimizer named by type',
    'Added to the root of the second moment.',
  ),
  weight_decay: key(real(0), 0, 'Decay of parameters with two axes or more.'),
};
