import type { Keys, Siblings } from '../keys/key.ts';
import { derived, key, required } from '../keys/key.ts';
import { countOrAll, orNull, positive, real, text, whole } from '../keys/leaf.ts';

/** The schedule of the learning rate: which numbers count depends on `type` (qwen-llama-data §4.3). */
export interface LrScheduleConfig {
  readonly type: string;
  readonly learning_rate: number | null;
  readonly lr_end: number;
  readonly warmup_lr_init: number;
  readonly warmup_ratio: number | null;
  readonly warmup_steps: number;
  readonly warmup_epochs: number | null;
  readonly total_steps: number;
  readonly num_cycles: number;
  readonly decay_steps: number | null;
  readonly decay_ratio: number | null;
  readonly power: number;
  readonly base_lr: number | null;
  readonly eta_min: number;
  readonly t_max: number | null;
  readonly t_0: number | null;
  readonly t_mult: number;
  readonly keep_steps: number;
  readonly lr_end1: number;
  readonly lr_end2: number | null;
  readonly final_steps: number;
  readonly decay_start_steps: number | null;
  readonly decay_start_ratio: number | null;
}

const byType = 'constructor of the schedule named by type';
const isOne = (type: unknown, ...names: readonly string[]): boolean => typeof type === 'string' && names.includes(type);

const lrEndOf = ({ type }: Siblings): number =>
  isOne(type, 'PolynomialWithWarmUpLR', 'polynomial', 'WarmUpStableDecayLR') ? 1e-7 : 0;

const cyclesOf = ({ type }: Siblings): number =>
  isOne(type, 'CosineWithRestartsAndWarmUpLR', 'cosine_with_restarts') ? 1 : 0.5;

/** How the lr_schedule section is read; whole numbers pass where numbers are meant. */
export const lrScheduleKeys: Keys<LrScheduleConfig> = {
  type: required(text, 'Class of the schedule: CosineWithWarmUpLR, LinearWithWarmUpLR, ...'),
  learning_rate: key(orNull(real(0)), null, 'Highest learning rate; replaces optimizer.learning_rate.'),
  lr_end: derived(real(0), lrEndOf, byType, 'Learning rate at the end.'),
  warmup_lr_init: key(real(0), 0, 'Learning rate of the very first update.'),
  warmup_ratio: key(
    orNull(real(0, 1)),
    null,
    'Share of all steps that warms up; wins over warmup_epochs and warmup_steps.',
  ),
  warmup_steps: key(whole(0), 0, 'Steps that warm up.'),
  warmup_epochs: key(orNull(real(0)), null, 'Epochs that warm up.'),
  total_steps: key(countOrAll('the steps of the run'), -1, 'Steps the schedule is stretched over.'),
  num_cycles: derived(positive, cyclesOf, byType, 'Half waves of the cosine (0.5), or restarts.'),
  decay_steps: key(orNull(whole(1)), null, 'Step at which decay ends.'),
  decay_ratio: key(orNull(real(0, 1)), null, 'The same as a share of all steps.'),
  power: key(positive, 1, 'Power of the polynomial schedule.'),
  base_lr: key(orNull(real(0)), null, 'Highest learning rate of the annealing schedules.'),
  eta_min: key(real(0), 0, 'Lowest learning rate of the annealing schedules.'),
  t_max: key(orNull(whole(1)), null, 'Half period of CosineAnnealingLR.'),
  t_0: key(orNull(whole(1)), null, 'First period of CosineAnnealingWarmRestarts.'),
  t_mult: key(whole(1), 1, 'Growth of the periods of CosineAnnealingWarmRestarts.'),
  keep_steps: key(whole(0), 0, 'Steps ConstantWithCoolDownLR stays at the top.'),
  lr_end1: key(real(0), 0, 'Where its cosine ends.'),
  lr_end2: key(orNull(real(0)), null, 'Its rate after final_steps; lr_end1 unless given.'),
  final_steps: key(whole(0), 0, 'Steps it stays at lr_end1.'),
  decay_start_steps: key(orNull(whole(0)), null, 'Step at which WarmUpStableDecayLR begins to fall.'),
  decay_start_ratio: key(orNull(real(0, 1)), null, 'The same as a share of all steps.'),
};
