import type { Keys } from '../keys/key.ts';
import { key } from '../keys/key.ts';
import type { Leaf } from '../keys/leaf.ts';
import { either, flag, flagOrText, oneOf, orNull, path, text, texts, whole } from '../keys/leaf.ts';
import type { RunMode } from './modes.ts';
import { runMode } from './modes.ts';

/** The keys at the top of a file that hold single values. Meanings: {@link generalKeys}. */
export interface GeneralConfig {
  readonly seed: number;
  readonly output_dir: string;
  readonly run_mode: RunMode | null;
  readonly use_parallel: boolean;
  readonly load_checkpoint: string;
  readonly load_ckpt_format: 'ckpt' | 'safetensors';
  readonly load_ckpt_async: boolean;
  readonly auto_trans_ckpt: boolean;
  readonly only_save_strategy: boolean;
  readonly src_strategy_path_or_dir: string;
  readonly transform_process_num: number;
  readonly transform_by_rank: boolean;
  readonly npu_num_per_node: number | null;
  readonly remove_redundancy: boolean;
  readonly resume_training: boolean | string;
  readonly resume_by_last_timestamp_ckpt: boolean;
  readonly ignore_data_skip: boolean;
  readonly data_skip_steps: number | null;
  readonly use_legacy: boolean;
  readonly use_legacy_format: boolean;
  readonly use_checkpoint_health_monitor: boolean;
  readonly pretrained_model_dir: string;
  readonly micro_batch_interleave_num: number;
  readonly do_eval: boolean;
  readonly eval_step_interval: number;
  readonly eval_epoch_interval: number;
  readonly lr_scale: boolean;
  readonly lr_scale_factor: number;
  readonly input_data: string | readonly string[] | null;
  readonly predict_batch_size: number | null;
  readonly save_file: string | null;
}

const loading = 'behaviour §3.1';

/** An empty text occurs upstream and means the default. */
const loadFormat: Leaf<'ckpt' | 'safetensors'> = {
  ...oneOf('ckpt', 'safetensors'),
  respell: (value) => (value === '' ? { value: 'ckpt', note: null } : null),
};

/** How each of them is read. */
export const generalKeys: Keys<GeneralConfig> = {
  seed: key(whole(), 1, 'Seed of every random choice: initial weights, shuffling, sampling.'),
  output_dir: key(path, './output', 'Folder under which checkpoints, strategies and logs are written.'),
  run_mode: key(orNull(runMode), null, 'What the run does: train, finetune, eval, predict.'),
  use_parallel: key(flag, false, 'Whether ranks talk to each other.'),
  load_checkpoint: key(path, '', 'Checkpoint file or folder to start from; empty = none.'),
  load_ckpt_format: key(loadFormat, 'ckpt', 'File format of what is loaded.', loading),
  load_ckpt_async: key(flag, false, 'Read the checkpoint while the model is compiled; not with auto_trans_ckpt.'),
  auto_trans_ckpt: key(flag, false, 'Re-slice load_checkpoint for the parallel layout of this run.', loading),
  only_save_strategy: key(flag, false, 'Write the strategy files and stop.', loading),
  src_strategy_path_or_dir: key(
    path,
    '',
    'Strategy of load_checkpoint: merged file, folder, or one rank file.',
    loading,
  ),
  transform_process_num: key(whole(1), 1, 'How many ranks re-slice the checkpoint.', loading),
  transform_by_rank: key(flag, false, 'Re-slice rank by rank; forced True for several processes.', loading),
  npu_num_per_node: key(orNull(whole(1)), null, 'Devices on one host.', 'DEVICE_NUM_PER_NODE of the environment'),
  remove_redundancy: key(flag, false, 'What is loaded lacks the copies of data-parallel ranks.'),
  resume_training: key(flagOrText, false, 'True = go on where the run stopped; a file name = exactly that checkpoint.'),
  resume_by_last_timestamp_ckpt: key(flag, false, 'Resume each rank from its last file by time; steps may differ.'),
  ignore_data_skip: key(flag, false, 'On resume, read the data set from its beginning.'),
  data_skip_steps: key(orNull(whole(0)), null, 'Steps of data to skip on resume; unset = as many as were trained.'),
  use_legacy: key(flag, true, 'False = mcore models (r1.5 and later).'),
  use_legacy_format: key(flag, true, 'False = checkpoint/iteration_* folders (r1.8; ckpt_use_legacy_format in r1.7).'),
  use_checkpoint_health_monitor: key(flag, false, 'Record whether each checkpoint is healthy.'),
  pretrained_model_dir: key(path, '', 'Hugging Face folder with model and tokenizer (r1.6 and later).'),
  micro_batch_interleave_num: key(whole(1), 1, 'Interleaved halves of a batch; multiplies the global batch.'),
  do_eval: key(flag, false, 'Evaluate while training.'),
  eval_step_interval: key(whole(-1), 100, 'Steps between evaluations; -1 = never by steps.'),
  eval_epoch_interval: key(whole(-1), -1, 'Epochs between evaluations; -1 = never by epochs.'),
  lr_scale: key(flag, false, 'Multiply the learning rate by devices * batch_size / lr_scale_factor.'),
  lr_scale_factor: key(whole(1), 256, 'Divisor of lr_scale.'),
  input_data: key(orNull(either(text, texts)), null, 'What to predict from: a text, several, or a file.'),
  predict_batch_size: key(orNull(whole(1)), null, 'Texts predicted together.'),
  save_file: key(orNull(path), null, 'File for what was predicted.'),
};
