import { expect, test } from 'vitest';
import { brief, valid } from '../../test/parse.ts';
import type { ValidConfig } from '../parse-config.ts';
import { configFromTrainingArguments } from './config-from-training-arguments.ts';
import type { TrainingArgumentsInput } from './config-from-training-arguments.ts';

async function configOf(input: TrainingArgumentsInput, text = ''): Promise<ValidConfig> {
  const result = configFromTrainingArguments(input);
  if (!result.ok) return expect.fail(result.errors.map(({ message }) => message).join('\n'));
  return valid(text, { name: 'TrainingArguments', overrides: result.overrides });
}
// A script is not type-checked: names and values may be anything.
const problems = (input: object): string[] => {
  const result = configFromTrainingArguments(input);
  return result.ok ? [] : result.errors.map(({ code, message }) => `${code}: ${message}`);
};

test("the script of the documents' second case", async () => {
  const { config } = await configOf({
    use_parallel: false,
    num_train_epochs: 5,
    sink_mode: false,
    save_steps: 6,
    save_total_limit: 20,
    logging_steps: 2,
    per_device_train_batch_size: 4,
    train_dataset_in_columns: ['input_ids'],
    dataset_task: 'CausalLanguageModelDataset',
    dataset_type: 'MindDataset',
  });
  expect(config).toMatchObject({
    seed: 42,
    runner_config: { epochs: 5, batch_size: 4, sink_mode: false, sink_size: 2, gradient_accumulation_steps: 1 },
    train_dataset: { data_loader: { type: 'MindDataset', shuffle: true }, input_columns: ['input_ids'], batch_size: 4 },
    train_dataset_task: { type: 'CausalLanguageModelDataset' },
    eval_dataset: null,
    optimizer: { type: 'AdamW', betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0 },
    lr_schedule: { type: 'cosine', learning_rate: 5e-5, lr_end: 1e-6, warmup_steps: 0, total_steps: -1 },
    runner_wrapper: {
      use_clip_grad: true,
      max_grad_norm: 1,
      scale_sense: { type: 'DynamicLossScaleUpdateCell', loss_scale_value: 65536, scale_window: 1000 },
    },
    context: { max_device_memory: '1024GB', device_target: 'Ascend' },
  });
  expect(config.callbacks).toMatchObject([
    { type: 'MFLossMonitor', per_print_times: 2 },
    {
      type: 'CheckpointMonitor',
      prefix: 'CKP',
      save_checkpoint_steps: 6,
      keep_checkpoint_max: 20,
      save_network_params: true,
      integrated_save: false,
      directory: null,
    },
  ]);
});

test('camelCase twins say the same', async () => {
  const snake = await configOf({ save_steps: 6, num_train_epochs: 2, adam_beta1: 0.8 });
  const camel = await configOf({ saveSteps: 6, numTrainEpochs: 2, adamBeta1: 0.8 });
  expect(camel.config).toEqual(snake.config);
  expect(camel.origins.of(['runner_config', 'epochs'])).toEqual({
    kind: 'flag',
    flag: 'TrainingArguments.numTrainEpochs',
  });
});

test('arguments, given or by default, win over a file; null keeps what it has', async () => {
  const text =
    'seed: 7\nsrc_strategy_path_or_dir: s\nresume_training: True\noptimizer: {type: X, beta1: 0.5, beta2: 0.6}\ncallbacks: [{type: CheckpointMonitor, prefix: mine, async_save: True}]\n';
  const { config } = await configOf({ save_prefix: null }, text);
  expect(config).toMatchObject({ seed: 42, src_strategy_path_or_dir: 's', resume_training: true });
  expect(config.optimizer).toMatchObject({ type: 'AdamW', betas: [0.9, 0.999] });
  expect(config.callbacks).toMatchObject([
    { prefix: 'mine', async_save: false, save_checkpoint_steps: 500 },
    { type: 'MFLossMonitor' },
  ]);
});

test('fields that mean more than one key', async () => {
  const cpu = await configOf({ use_cpu: true, use_parallel: true });
  expect(cpu.config).toMatchObject({ use_parallel: false, context: { device_target: 'CPU' } });
  const batch = await configOf({
    batch_size: 3,
    dataset_task: 'T',
    dataset_type: 'D',
    eval_dataset: 'e',
    eval_dataset_in_columns: ['x'],
  });
  expect(batch.config.runner_config.batch_size).toBe(3);
  expect(batch.config.eval_dataset).toMatchObject({
    data_loader: { type: 'D', dataset_dir: 'e', shuffle: false },
    input_columns: ['x'],
    batch_size: 3,
    drop_remainder: false,
  });
  expect((await configOf({ scale_sense: 1024.7 })).config.runner_wrapper.scale_sense).toBe(1024);
  const adaptive = await configOf({ scale_sense: 'AdaptiveLossScaleUpdateCell', max_scale_window: 7 });
  expect(adaptive.config.runner_wrapper.scale_sense).toMatchObject({ max_scale_window: 7, min_scale_window: 20 });
  expect((await configOf({ metric_type: ['A', 'B'] })).config.metric).toEqual([{ type: 'A' }, { type: 'B' }]);
  const evaluated = await configOf({ evaluation_strategy: 'steps', logging_steps: 9 });
  expect(evaluated.config).toMatchObject({ do_eval: true, eval_step_interval: 9 });
  expect((await configOf({ resume_from_checkpoint: 'c', resume_training: 'n' })).config).toMatchObject({
    load_checkpoint: 'c',
    resume_training: 'n',
  });
  expect(
    (await configOf({ optimizer_weight_shard_size: 4 })).config.parallel.parallel_optimizer_config
      .optimizer_weight_shard_size,
  ).toBe(4);
});

test('saving by seconds, or not at all', async () => {
  const seconds = await configOf({ save_strategy: 'seconds', save_seconds: 60 });
  expect(seconds.config.callbacks[1]).toMatchObject({ save_checkpoint_steps: 0, save_checkpoint_seconds: 60 });
  const none = await configOf({ save_strategy: 'no' }, 'callbacks: [{type: CheckpointMonitor}]');
  expect(none.config.callbacks.map(({ type }) => type)).toEqual(['MFLossMonitor']);
});

test('no argument is unknown to the configuration', async () => {
  const { warnings } = await configOf({});
  expect(brief(warnings)).toEqual([]);
});

test.each([
  [{ save_step: 5 }, 'argument-unknown: TrainingArguments has no field save_step. Did you mean save_steps?'],
  [{ saveStep: 5 }, 'Did you mean saveSteps?'],
  [{ save_steps: 0 }, 'save_steps must be a whole number, 1 or more'],
  [{ loggingSteps: 1.5 }, 'loggingSteps must be a whole number'],
  [{ warmup_ratio: 1.5 }, 'warmup_ratio must be a number from 0 to 1'],
  [{ optim: 'lion' }, 'optim must be one of AdamW'],
  [{ lr_scheduler_type: 'step' }, 'lr_scheduler_type must be one of cosine'],
  [{ save_strategy: 'epochs' }, 'save_strategy must be one of'],
  [{ resume_training: 1 }, 'resume_training must be True, False or a text'],
  [{ train_dataset: 'x', dataset_task: 'T' }, 'train_dataset needs dataset_type, train_dataset_in_columns too'],
  [{ eval_dataset: 'x' }, 'eval_dataset needs dataset_task, dataset_type, eval_dataset_in_columns too'],
  [{ save_steps: 5, saveSteps: 6 }, 'save_steps and saveSteps are one field and differ'],
  [{ ['__proto__x']: 5 }, 'argument-unknown'],
])('%j is an error', (input, message) => {
  expect(problems(input).join('\n')).toContain(message);
});

test('all errors are collected, and null or undefined is not given', () => {
  expect(problems({ seed: 'x', save_steps: -1, nothing: 1 })).toHaveLength(3);
  expect(problems({ seed: null, save_steps: undefined, warmup_ratio: 'None' })).toEqual([]);
});
