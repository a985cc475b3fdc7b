import type { Leaf } from '../keys/leaf.ts';
import { countOrAll, either, flag, oneOf, orNull, positive, real, text, whole } from '../keys/leaf.ts';
import type { Arguments } from './argument.ts';
import { argument } from './argument.ts';
import type { OptimizationArguments, OptimizerName, ScheduleName } from './training-fields.ts';

/** Optimizers of all releases. */
const OPTIMIZERS: Leaf<OptimizerName> = oneOf(
  'AdamW',
  'AdamWeightDecay',
  'adamw',
  'adam',
  'sgd',
  'adagrad',
  'adafactor',
  'fused_adamw',
  'fp32_adamw',
);
const SCHEDULES: Leaf<ScheduleName> = oneOf(
  'cosine',
  'linear',
  'cosine_with_restarts',
  'polynomial',
  'constant_with_warmup',
);

/** Optimizer, schedule, wrapper. Checks, defaults and the keys they set (behaviour §5.1). */
export const OPTIMIZATION_ARGUMENTS: Arguments<OptimizationArguments> = {
  optim: argument(OPTIMIZERS, 'AdamW', 'optimizer.type'),
  adam_beta1: argument(real(0, 1), 0.9),
  adam_beta2: argument(real(0, 1), 0.999),
  adam_epsilon: argument(positive, 1e-8, 'optimizer.eps'),
  weight_decay: argument(real(0), 0, 'optimizer.weight_decay'),
  layer_scale: argument(flag, false, 'layer_scale'),
  layer_decay: argument(real(), 0.65, 'layer_decay'),
  lr_scale: argument(flag, false, 'lr_scale'),
  lr_scale_factor: argument(whole(1), 256, 'lr_scale_factor'),
  lr_scheduler_type: argument(SCHEDULES, 'cosine', 'lr_schedule.type'),
  learning_rate: argument(real(0), 5e-5, 'lr_schedule.learning_rate'),
  lr_end: argument(real(0), 1e-6, 'lr_schedule.lr_end'),
  warmup_lr_init: argument(real(0), 0, 'lr_schedule.warmup_lr_init'),
  warmup_epochs: argument(orNull(real(0)), null, 'lr_schedule.warmup_epochs'),
  warmup_ratio: argument(orNull(real(0, 1)), null, 'lr_schedule.warmup_ratio'),
  warmup_steps: argument(whole(0), 0, 'lr_schedule.warmup_steps'),
  total_steps: argument(countOrAll('the steps of the run'), -1, 'lr_schedule.total_steps'),
  wrapper_type: argument(text, 'MFTrainOneStepCell', 'runner_wrapper.type'),
  use_clip_grad: argument(flag, true, 'runner_wrapper.use_clip_grad'),
  max_grad_norm: argument(positive, 1, 'runner_wrapper.max_grad_norm'),
  scale_sense: argument(either(text, positive), 'DynamicLossScaleUpdateCell'),
  loss_scale_value: argument(positive, 65536),
  loss_scale_factor: argument(whole(1), 2),
  loss_scale_window: argument(whole(1), 1000),
  max_scale_window: argument(whole(1), 1000),
  min_scale_window: argument(whole(1), 20),
};
