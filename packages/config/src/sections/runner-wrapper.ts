import type { Keys } from '../keys/key.ts';
import { key, section, valueOrSection } from '../keys/key.ts';
import { flag, positive, real, text, whole } from '../keys/leaf.ts';

/** The wrapper around one training step. */
export interface RunnerWrapperConfig {
  readonly type: string;
  readonly use_clip_grad: boolean;
  readonly max_grad_norm: number;
  readonly scale_sense: number | LossScaleConfig;
}

/** A loss scale that follows overflows. */
export interface LossScaleConfig {
  readonly type: string;
  readonly loss_scale_value: number;
  readonly scale_factor: number;
  readonly scale_window: number;
  readonly max_scale_window: number;
  readonly min_scale_window: number;
}

/** How a runner_wrapper.scale_sense mapping is read. */
const lossScaleKeys: Keys<LossScaleConfig> = {
  type: key(text, 'DynamicLossScaleUpdateCell', 'Dynamic-, Fixed- or AdaptiveLossScaleUpdateCell.'),
  loss_scale_value: key(positive, 65536, 'Scale at the start.'),
  scale_factor: key(real(1), 2, 'By how much it shrinks on overflow and grows after a window.'),
  scale_window: key(whole(1), 1000, 'Steps without overflow before it grows.'),
  max_scale_window: key(whole(1), 1000, 'Longest window of the adaptive scale.'),
  min_scale_window: key(whole(1), 20, 'Shortest window of the adaptive scale.'),
};

/** How runner_wrapper is read. */
export const runnerWrapperKeys: Keys<RunnerWrapperConfig> = {
  type: key(text, 'MFTrainOneStepCell', 'Class of the wrapper.'),
  use_clip_grad: key(flag, false, 'Clip gradients by their global norm.'),
  max_grad_norm: key(positive, 1, 'Norm above which gradients are scaled down.'),
  scale_sense: valueOrSection(
    key(positive, 1, 'Loss scale: a fixed number, or a scale that follows overflows.'),
    section('Loss scale that follows overflows.', lossScaleKeys),
  ),
};
