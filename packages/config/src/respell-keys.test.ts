import { expect, test } from 'vitest';
import { brief, invalid, valid } from '../test/parse.ts';
import type { Override } from './apply-overrides.ts';

const flagged = (path: string, value: Override['value']): Override => ({
  path: path.split('.'),
  value,
  flag: `--${path}`,
  parents: 'create',
});

test('ignore_data_skip and data_skip_steps stand at the top or under trainer', async () => {
  for (const text of [
    'ignore_data_skip: True\ndata_skip_steps: 4',
    'trainer: {ignore_data_skip: True, data_skip_steps: 4}',
  ]) {
    const { config, accepted } = await valid(text);
    expect(config).toMatchObject({ ignore_data_skip: true, data_skip_steps: 4 });
    expect(accepted).toEqual([]);
  }
});

test('both places with one value pass, with two values are an error at the second place', async () => {
  expect((await valid('data_skip_steps: 4\ntrainer: {data_skip_steps: 4}')).config.data_skip_steps).toBe(4);
  const { errors } = await invalid('data_skip_steps: 4\ntrainer: {data_skip_steps: 5}');
  expect(brief(errors)).toEqual(['conflict 2:28']);
  expect(errors[0]?.message).toContain('trainer.data_skip_steps (5) and data_skip_steps (4)');
});

test('None in one place is no conflict', async () => {
  expect((await valid('data_skip_steps: 4\ntrainer: {data_skip_steps: None}')).config.data_skip_steps).toBe(4);
  expect((await valid('src_strategy_path_or_dir: None\nsrc_strategy: a')).config.src_strategy_path_or_dir).toBe('a');
});

test('a flag wins over the file in whichever place it was', async () => {
  const text = 'trainer: {data_skip_steps: 5}';
  const { config, origins } = await valid(text, { overrides: [flagged('data_skip_steps', 7)] });
  expect(config.data_skip_steps).toBe(7);
  expect(origins.of(['data_skip_steps'])).toEqual({ kind: 'flag', flag: '--data_skip_steps' });
  const other = await valid('data_skip_steps: 5', { overrides: [flagged('trainer.data_skip_steps', 7)] });
  expect(other.config.data_skip_steps).toBe(7);
});

test.each([
  ['src_strategy: a', 'src_strategy_path_or_dir', 'a'],
  ['ckpt_use_legacy_format: False', 'use_legacy_format', false],
])('%s is read as %s', async (text, name, value) => {
  expect((await valid(text)).config).toMatchObject({ [name]: value });
});

test('strategy files, merges and metrics have two spellings', async () => {
  const { config } = await valid(
    'parallel: {strategy_ckpt_config: {save_file: a, load_file: b}}\nprocessor: {tokenizer: {merge_file: c}}\nmetric: {type: X}\n',
  );
  expect(config.parallel).toMatchObject({ strategy_ckpt_save_file: 'a', strategy_ckpt_load_file: 'b' });
  expect(config.processor?.tokenizer?.merges_file).toBe('c');
  expect(config.metric).toEqual([{ type: 'X' }]);
  expect((await valid('metric: [{type: A}, {type: B}]')).config.metric).toEqual([{ type: 'A' }, { type: 'B' }]);
});

test('beta1 and beta2 are betas', async () => {
  const betas = async (keys: string): Promise<unknown> =>
    (await valid(`optimizer: {type: AdamW, ${keys}}`)).config.optimizer.betas;
  expect(await betas('beta1: 0.8, beta2: 0.7')).toEqual([0.8, 0.7]);
  expect(await betas('beta2: 0.7')).toEqual([0.9, 0.7]);
  expect(await betas('betas: [0.8, 0.7]')).toEqual([0.8, 0.7]);
  expect(await betas('betas: [0.8, 0.7], beta1: 0.8, beta2: 0.7')).toEqual([0.8, 0.7]);
  expect(brief((await invalid('optimizer: {type: AdamW, betas: [0.8, 0.7], beta1: 0.5}')).errors)).toEqual([
    'conflict 1:52',
  ]);
  expect(brief((await invalid('optimizer: {type: AdamW, beta1: 1.5}')).errors)).toEqual(['wrong-value 1:33']);
});

test("r1.1's CheckpointMointor is CheckpointMonitor", async () => {
  const { config, warnings } = await valid(
    'callbacks: [{type: CheckpointMointor, save_checkpoint_steps: 3}, {type: MFLossMonitor}]',
  );
  expect(config.callbacks).toMatchObject([
    { type: 'CheckpointMonitor', save_checkpoint_steps: 3 },
    { type: 'MFLossMonitor' },
  ]);
  expect(brief(warnings)).toEqual([]);
});

test('top-level keys go to a CheckpointMonitor that does not have them', async () => {
  const text =
    'output_dir: out\nuse_checkpoint_health_monitor: True\nuse_legacy_format: False\ncallbacks: [{type: CheckpointMonitor, use_legacy_format: True}]';
  expect((await valid(text)).config.callbacks[1]).toMatchObject({
    health_ckpts_record_dir: 'out',
    use_checkpoint_health_monitor: true,
    use_legacy_format: true,
  });
});

test('the data set of a task is the data set; a different copy is a warning', async () => {
  const alias = 'train_dataset: &d {data_loader: {dataset_dir: a}}\ntrain_dataset_task: {dataset_config: *d}\n';
  expect(brief((await valid(alias)).warnings)).toEqual([]);
  const alone = await valid('train_dataset_task: {dataset_config: {data_loader: {dataset_dir: a}}}\n');
  expect(alone.config.train_dataset?.data_loader.dataset_dir).toBe('a');
  const two = await valid('train_dataset: {repeat: 1}\ntrain_dataset_task: {dataset_config: {repeat: 2}}\n');
  expect(two.config.train_dataset?.repeat).toBe(1);
  expect(brief(two.warnings)).toEqual(['conflict 2:22']);
  const overridden = await valid(alias, { overrides: [flagged('train_dataset.data_loader.dataset_dir', 'b')] });
  expect(overridden.config.train_dataset?.data_loader.dataset_dir).toBe('b');
  expect(brief(overridden.warnings)).toEqual([]);
});
