import type { ConfigPath } from '../config-value.ts';
import type { FlagValue } from './flag-value.ts';
import { flagOrTextValue, flagValue, textValue, wholeValue } from './flag-value.ts';

/** One flag of run_mindformer.py. */
export interface RunFlag {
  readonly name: string;
  /** How one value is read. */
  readonly read: (text: string) => FlagValue;
  /** Takes several values, up to the next flag. */
  readonly several?: true;
  /** Keys it sets; none = it is answered beside the overrides. */
  readonly sets: readonly FlagTarget[];
  /** When it takes effect: after the flags of a smaller number (behaviour §4.4: named flags, options, data, runner). */
  readonly order: 0 | 2 | 3;
  /** In words, for usage texts. */
  readonly about: string;
}

/** A key a flag sets; some only when the section above it is there. */
export interface FlagTarget {
  readonly path: ConfigPath;
  readonly parents: 'create' | 'skip-if-absent';
}

/** All flags of run_mindformer.py, in the order in which they take effect (behaviour §4.4). */
export const RUN_FLAGS: readonly RunFlag[] = [
  told('--config', 'Configuration file; a bare name is looked up in --register_path too.'),
  told('--register_path', 'Folder of a research model.'),
  flag('--mode', wholeValue, 'context.mode', '0 graph, 1 PyNative.'),
  flag('--device_id', wholeValue, 'context.device_id', 'Number of the device.'),
  flag('--device_target', textValue, 'context.device_target', 'Device family.'),
  flag('--run_mode', textValue, 'run_mode', 'train, finetune, eval, predict or predict_with_train_model.'),
  flag('--do_eval', flagValue, 'do_eval', 'Evaluate while training.'),
  flag('--use_parallel', flagValue, 'use_parallel', 'Run on several ranks.'),
  flag('--profile', flagValue, 'profile', 'Accepted without effect.'),
  flag('--auto_trans_ckpt', flagValue, 'auto_trans_ckpt', 'Re-slice the checkpoint for this layout.'),
  flag('--only_save_strategy', flagValue, 'only_save_strategy', 'Write strategy files and stop.'),
  flag('--resume_training', flagOrTextValue, 'resume_training', 'True, False, or the name of a checkpoint.'),
  flag('--load_checkpoint', textValue, 'load_checkpoint', 'Checkpoint file or folder.'),
  flag('--src_strategy_path_or_dir', textValue, 'src_strategy_path_or_dir', 'Strategy of that checkpoint.'),
  flag('--transform_process_num', wholeValue, 'transform_process_num', 'Ranks that re-slice.'),
  flag('--strategy_load_checkpoint', textValue, 'parallel.strategy_ckpt_load_file', 'Strategy file to load.'),
  flag('--remote_save_url', textValue, 'remote_save_url', 'Accepted without effect.'),
  flag('--output_dir', textValue, 'output_dir', 'Folder of all output.'),
  flag('--seed', wholeValue, 'seed', 'Seed of the run.'),
  flag('--trust_remote_code', flagValue, 'trust_remote_code', 'Accepted without effect.'),
  { ...flag('--train_dataset_dir', textValue, 'train_dataset.data_loader.dataset_dir', 'Training data.'), order: 2 },
  { ...flag('--eval_dataset_dir', textValue, 'eval_dataset.data_loader.dataset_dir', 'Evaluation data.'), order: 2 },
  samples(),
  { ...flag('--predict_data', textValue, 'input_data', 'One text or several, or a file.'), order: 2, several: true },
  { ...flag('--modal_type', textValue, 'modal_type', 'Accepted without effect.'), order: 2, several: true },
  { ...flag('--adapter_id', textValue, 'adapter_id', 'Accepted without effect.'), order: 2 },
  { ...flag('--predict_batch_size', wholeValue, 'predict_batch_size', 'Texts predicted together.'), order: 2 },
  { ...flag('--do_sample', flagValue, 'model.model_config.do_sample', 'Draw tokens.'), order: 2 },
  { ...flag('--epochs', wholeValue, 'runner_config.epochs', 'Passes over the data.'), order: 3 },
  { ...flag('--batch_size', wholeValue, 'runner_config.batch_size', 'Rows of one device and pass.'), order: 3 },
  {
    ...flag(
      '--gradient_accumulation_steps',
      wholeValue,
      'runner_config.gradient_accumulation_steps',
      'Batches of one step.',
    ),
    order: 3,
  },
  { ...flag('--sink_mode', flagValue, 'runner_config.sink_mode', 'Run sink_size steps at once.'), order: 3 },
  { ...told('--options', 'a.b=value ...: any key; values as in Python.'), several: true },
];

function told(name: string, about: string): RunFlag {
  return { name, read: textValue, sets: [], order: 0, about };
}

function flag(name: string, read: RunFlag['read'], path: string, about: string): RunFlag {
  return { name, read, sets: [{ path: path.split('.'), parents: 'create' }], order: 0, about };
}

function samples(): RunFlag {
  const path = (name: string): ConfigPath => [`${name}_dataset`, 'data_loader', 'num_samples'];
  const sets = (['train', 'eval'] as const).map((name) => ({ path: path(name), parents: 'skip-if-absent' as const }));
  return { name: '--num_samples', read: wholeValue, sets, order: 2, about: 'Rows to use.' };
}
