import { countOrAll, flag, flagOrText, orNull, path, text, whole } from '../keys/leaf.ts';
import type { Arguments } from './argument.ts';
import { argument } from './argument.ts';
import type { RunArguments } from './training-fields.ts';

/** Run, checkpoints in, resume. Checks, defaults and the keys they set (behaviour §5.1). */
export const RUN_ARGUMENTS: Arguments<RunArguments> = {
  output_dir: argument(path, './output', 'output_dir'),
  overwrite_output_dir: argument(flag, false, 'overwrite_output_dir'),
  seed: argument(whole(), 42, 'seed'),
  data_seed: argument(orNull(whole()), null, 'data_seed'),
  only_save_strategy: argument(flag, false, 'only_save_strategy'),
  auto_trans_ckpt: argument(flag, false, 'auto_trans_ckpt'),
  transform_process_num: argument(whole(1), 1, 'transform_process_num'),
  src_strategy: argument(orNull(path), null, 'src_strategy_path_or_dir'),
  resume_from_checkpoint: argument(orNull(path), null, 'load_checkpoint'),
  resume_training: argument(orNull(flagOrText), null, 'resume_training'),
  ignore_data_skip: argument(flag, false, 'ignore_data_skip'),
  data_skip_steps: argument(orNull(whole(0)), null, 'data_skip_steps'),
  do_train: argument(flag, false, 'do_train'),
  do_eval: argument(flag, false, 'do_eval'),
  do_predict: argument(flag, false, 'do_predict'),
  check_for_nan_in_loss_and_grad: argument(flag, false, 'check_for_nan_in_loss_and_grad'),
  calculate_per_token_loss: argument(flag, false, 'calculate_per_token_loss'),
  prediction_loss_only: argument(flag, false),
  remote_save_url: argument(orNull(text), null, 'remote_save_url'),
  batch_size: argument(orNull(whole(1)), null),
  num_train_epochs: argument(whole(1), 3, 'runner_config.epochs'),
  sink_mode: argument(flag, true, 'runner_config.sink_mode'),
  sink_size: argument(countOrAll('a whole epoch'), 2, 'runner_config.sink_size'),
  gradient_accumulation_steps: argument(whole(1), 1, 'runner_config.gradient_accumulation_steps'),
};
