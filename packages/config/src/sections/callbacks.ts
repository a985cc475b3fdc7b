import { z } from 'zod';
import type { ConfigValue } from '../config-value.ts';
import type { Key, Keys } from '../keys/key.ts';
import { key, listOf, required, section } from '../keys/key.ts';
import type { Leaf } from '../keys/leaf.ts';
import { anyList, either, flag, oneOf, orNull, path, positive, text, whole } from '../keys/leaf.ts';

/** What happens beside the training steps; told apart by `type`. */
export type CallbackConfig = CheckpointMonitorConfig | LossMonitorConfig | OtherCallbackConfig;

/** When and how checkpoints are written (behaviour §1.1); r1.1's spelling CheckpointMointor is read as this. */
export interface CheckpointMonitorConfig {
  readonly type: 'CheckpointMonitor';
  readonly prefix: string;
  readonly directory: string | null;
  /** Null or 0 = not by steps. */
  readonly save_checkpoint_steps: number | null;
  /** Counts only when not saving by steps. */
  readonly save_checkpoint_seconds: number;
  /** Null or 0 = `keep_checkpoint_per_n_minutes` counts; when that is 0 too, one is kept (behaviour §1.2). */
  readonly keep_checkpoint_max: number | null;
  readonly keep_checkpoint_per_n_minutes: number;
  readonly integrated_save: boolean;
  readonly save_network_params: boolean;
  readonly save_trainable_params: boolean;
  readonly async_save: boolean | 'thread' | 'process';
  readonly append_info: readonly ConfigValue[] | null;
  readonly enc_key: string | null;
  readonly enc_mode: 'AES-GCM' | 'AES-CBC' | 'SM4-CBC';
  readonly exception_save: boolean;
  readonly global_batch_size: number | null;
  readonly checkpoint_format: 'ckpt' | 'safetensors';
  readonly remove_redundancy: boolean;
  readonly use_checkpoint_health_monitor: boolean;
  readonly embedding_local_norm_threshold: number;
  readonly health_ckpts_record_dir: string;
  readonly use_legacy_format: boolean;
  readonly save_optimizer: boolean;
  readonly save_checkpoint_path: string | null;
}

/** The log line of every step. */
export interface LossMonitorConfig {
  readonly type: 'MFLossMonitor';
  readonly per_print_times: number;
}

/** A callback without effect here; its own keys are kept beside `type`. */
export interface OtherCallbackConfig {
  readonly type: string;
}

const monitor: Leaf<'CheckpointMonitor'> = {
  ...oneOf('CheckpointMonitor'),
  input: () => z.literal(['CheckpointMonitor', 'CheckpointMointor']),
};
const monitorType: Key<'CheckpointMonitor'> = key(monitor, 'CheckpointMonitor', 'Writes checkpoints.');
const lossType: Key<'MFLossMonitor'> = key(oneOf('MFLossMonitor'), 'MFLossMonitor', 'Prints the loss.');

/** How a CheckpointMonitor entry is read. */
const checkpointMonitorKeys: Keys<CheckpointMonitorConfig> = {
  type: monitorType,
  prefix: key(text, 'CKP', 'First part of checkpoint names; _rank_N is added.'),
  directory: key(orNull(path), null, 'Folder instead of output_dir.'),
  save_checkpoint_steps: key(
    orNull(whole(0)),
    null,
    'Save every so many steps; unset = not by steps.',
    'document 003 (upstream: 1)',
  ),
  save_checkpoint_seconds: key(whole(0), 0, 'Save every so many seconds; counts when not saving by steps.'),
  keep_checkpoint_max: key(orNull(whole(0)), 5, 'Checkpoints kept; the oldest goes first.'),
  keep_checkpoint_per_n_minutes: key(
    whole(0),
    0,
    'Keep one every so many minutes; counts without keep_checkpoint_max.',
  ),
  integrated_save: key(flag, true, 'Gather slices before saving; not in semi-automatic modes.'),
  save_network_params: key(
    flag,
    true,
    'Also write weights alone to checkpoint_network.',
    'documents 000 and 003 (upstream: False from r1.6)',
  ),
  save_trainable_params: key(flag, false, 'Also write trainable weights alone.'),
  async_save: key(either(flag, oneOf('thread', 'process')), false, 'Write in the background.'),
  append_info: key(orNull(anyList), null, 'Extra entries of the checkpoint.'),
  enc_key: key(orNull(text), null, 'Key for encrypted checkpoints.'),
  enc_mode: key(oneOf('AES-GCM', 'AES-CBC', 'SM4-CBC'), 'AES-GCM', 'Cipher of encrypted checkpoints.'),
  exception_save: key(flag, false, 'Save when training ends by an exception.'),
  global_batch_size: key(orNull(whole(1)), null, 'Recorded in the checkpoint; unset = that of the run.'),
  checkpoint_format: key(oneOf('ckpt', 'safetensors'), 'ckpt', 'File format.'),
  remove_redundancy: key(flag, false, 'Each slice is written by one of the ranks that hold it (safetensors only).'),
  use_checkpoint_health_monitor: key(flag, false, 'Record whether each checkpoint is healthy.'),
  embedding_local_norm_threshold: key(positive, 1, 'Embedding norm above which a checkpoint is unhealthy.'),
  health_ckpts_record_dir: key(path, './output', 'Folder of health_ckpts.json.'),
  use_legacy_format: key(flag, true, 'False = checkpoint/iteration_* folders.'),
  save_optimizer: key(flag, true, 'Save optimizer state (new format only).'),
  save_checkpoint_path: key(orNull(path), null, 'Folder of the new format (r1.7).'),
};

const lossMonitorKeys: Keys<LossMonitorConfig> = {
  type: lossType,
  per_print_times: key(whole(1), 1, 'Steps between two log lines.'),
};

const otherKeys: Keys<OtherCallbackConfig> = { type: required(text, 'Class of the callback.') };

/** How the callbacks list is read. */
export const callbacksKey: Key<readonly CallbackConfig[]> = listOf<CallbackConfig>(
  'What happens beside the training steps.',
  {
    CheckpointMonitor: section('Writes checkpoints.', checkpointMonitorKeys, { why: 'CheckpointMonitor constructor' }),
    MFLossMonitor: section('Prints the loss.', lossMonitorKeys, { why: 'MFLossMonitor constructor' }),
  },
  section('A callback without effect here.', otherKeys, { open: true }),
);
