import type { Override } from '../apply-overrides.ts';
import type { ConfigPath, ConfigValue } from '../config-value.ts';
import type { TrainingFields } from './training-fields.ts';

type Field = keyof TrainingFields;

/** All fields, checked one by one, defaults filled; null = not set. */
export type Fields = { readonly [Name in Field]: TrainingFields[Name] | null };

/** A field that does not go with another. */
interface FieldProblem {
  readonly field: Field;
  readonly message: string;
}

/** Rules between fields: a data set needs its task, its type and its columns (behaviour §5.1). */
export function checkFields(fields: Fields): FieldProblem[] {
  return (['train_dataset', 'eval_dataset'] as const).flatMap((field) => {
    const needed = ['dataset_task', 'dataset_type', `${field}_in_columns`] as const;
    const missing = fields[field] === null ? [] : needed.filter((name) => fields[name] === null);
    return missing.length === 0 ? [] : [{ field, message: `${field} needs ${missing.join(', ')} too` }];
  });
}

/** Overrides of fields that mean more, or less, than one key of the same value. */
export function ruledOverrides(fields: Fields, label: (field: string) => string): Override[] {
  const overrides: Override[] = [];
  const add: Add = (field, path, value, parents = 'create') => {
    if (value !== null) overrides.push({ path: path.split('.'), value, flag: label(field), parents });
  };
  addDevices(fields, add);
  addOptimization(fields, add);
  addData(fields, add);
  addEvaluation(fields, add);
  addSaving(fields, add, (field, path) =>
    overrides.push({ path, value: null, flag: label(field), parents: 'skip-if-absent' }),
  );
  return overrides;
}

type Add = (field: Field, path: string, value: ConfigValue, parents?: Override['parents']) => void;

function addDevices(fields: Fields, add: Add): void {
  const cpu = fields.use_cpu === true;
  add(cpu ? 'use_cpu' : 'device_target', 'context.device_target', cpu ? 'CPU' : fields.device_target);
  add(cpu ? 'use_cpu' : 'use_parallel', 'use_parallel', cpu ? false : fields.use_parallel);
  const size = fields.optimizer_weight_shard_size ?? 0;
  if (size <= 0) return;
  add('optimizer_weight_shard_size', 'parallel.parallel_optimizer_config.optimizer_weight_shard_size', size);
}

function addOptimization(fields: Fields, add: Add): void {
  const { adam_beta1: first, adam_beta2: second } = fields;
  if (first !== null && second !== null) add('adam_beta1', 'optimizer.betas', [first, second]);
  const { scale_sense: scale } = fields;
  if (typeof scale === 'number') add('scale_sense', 'runner_wrapper.scale_sense', Math.max(1, Math.trunc(scale)));
  if (typeof scale !== 'string') return;
  const windows = { max_scale_window: fields.max_scale_window, min_scale_window: fields.min_scale_window };
  add('scale_sense', 'runner_wrapper.scale_sense', {
    type: scale,
    loss_scale_value: fields.loss_scale_value,
    scale_factor: fields.loss_scale_factor,
    scale_window: fields.loss_scale_window,
    ...(scale === 'AdaptiveLossScaleUpdateCell' ? windows : {}),
  });
}

function addData(fields: Fields, add: Add): void {
  const trainField = fields.batch_size === null ? 'per_device_train_batch_size' : 'batch_size';
  add(trainField, 'runner_config.batch_size', fields[trainField]);
  add(trainField, 'train_dataset.batch_size', fields[trainField]);
  add('dataset_task', 'train_dataset_task.type', fields.dataset_task);
  add('dataset_task', 'eval_dataset_task.type', fields.dataset_task);
  add('dataset_type', 'train_dataset.data_loader.type', fields.dataset_type);
  // The evaluation set is not shuffled and gives all its rows; it is only there when somebody names it.
  add('eval_dataset', 'eval_dataset.data_loader.dataset_dir', fields.eval_dataset);
  const evaluation: readonly (readonly [Field, string, ConfigValue])[] = [
    ['dataset_type', 'data_loader.type', fields.dataset_type],
    ['eval_dataset', 'data_loader.shuffle', false],
    ['eval_dataset_in_columns', 'input_columns', fields.eval_dataset_in_columns],
    ['eval_dataset_out_columns', 'output_columns', fields.eval_dataset_out_columns],
    ['eval_dataset', 'drop_remainder', false],
    ['eval_dataset', 'repeat', 1],
    ['dataloader_num_workers', 'num_parallel_workers', fields.dataloader_num_workers],
    ['prefetch_size', 'prefetch_size', fields.prefetch_size],
    ['per_device_eval_batch_size', 'batch_size', fields.batch_size ?? fields.per_device_eval_batch_size],
  ];
  for (const [field, path, value] of evaluation) add(field, `eval_dataset.${path}`, value, 'skip-if-absent');
}

function addEvaluation(fields: Fields, add: Add): void {
  const metrics = typeof fields.metric_type === 'string' ? [fields.metric_type] : (fields.metric_type ?? []);
  for (const metric of metrics) add('metric_type', `metric.[${metric}].type`, metric);
  if (fields.logging_strategy === 'steps') {
    add('logging_steps', 'callbacks.[MFLossMonitor].per_print_times', fields.logging_steps);
  }
  if (fields.evaluation_strategy === 'no') return;
  add('evaluation_strategy', 'do_eval', true);
  add('eval_steps', 'eval_step_interval', fields.eval_steps ?? fields.logging_steps);
}

function addSaving(fields: Fields, add: Add, remove: (field: Field, path: ConfigPath) => void): void {
  const monitor = 'callbacks.[CheckpointMonitor]';
  if (fields.save_strategy === 'no') return remove('save_strategy', monitor.split('.'));
  const bySteps = fields.save_strategy === 'steps';
  add('save_prefix', `${monitor}.prefix`, fields.save_prefix);
  add('save_directory', `${monitor}.directory`, fields.save_directory);
  add('save_steps', `${monitor}.save_checkpoint_steps`, bySteps ? fields.save_steps : 0);
  add('save_seconds', `${monitor}.save_checkpoint_seconds`, bySteps ? null : fields.save_seconds);
  add('save_total_limit', `${monitor}.keep_checkpoint_max`, fields.save_total_limit);
  add(
    'keep_checkpoint_per_n_minutes',
    `${monitor}.keep_checkpoint_per_n_minutes`,
    fields.keep_checkpoint_per_n_minutes,
  );
  add('integrated_save', `${monitor}.integrated_save`, fields.integrated_save ?? fields.save_on_each_node === false);
  add('save_network_params', `${monitor}.save_network_params`, fields.save_network_params);
  add('save_trainable_params', `${monitor}.save_trainable_params`, fields.save_trainable_params);
  add('async_save', `${monitor}.async_save`, fields.async_save);
}
