import { expectConfig, parseConfig } from '@cairn/config';
import type { RunConfig } from '@cairn/config';
import { learningRate } from '@cairn/optim';
import { ALONE } from '@cairn/strategy';
import type { ParallelSpec } from '@cairn/strategy';
import { describe, expect, test } from 'vitest';
import { TINY_YAML } from '../../test/tiny-run.ts';
import { batchSizesOf } from './batch-sizes.ts';
import { llamaSpecOf } from './llama-spec.ts';
import { clipLimitOf, learningRateSpecOf, lossScaleSpecOf, optimizerSpecOf } from './optimizer-settings.ts';
import { printEveryOf, saveSettingsOf } from './save-settings.ts';

async function configOf(...changes: readonly (readonly [string, string])[]): Promise<RunConfig> {
  const text = changes.reduce((all, [from, to]) => all.replace(from, to), TINY_YAML);
  return expectConfig(await parseConfig({ name: 'tiny.yaml', text })).config;
}

const model = (keys: string): readonly [string, string] => ['vocab_size: 16', `vocab_size: 16, ${keys}`];

describe('the model', () => {
  test('sizes are taken, and those not given follow from the others', async () => {
    const spec = llamaSpecOf(await configOf(['intermediate_size: 24,', 'multiple_of: 32,']));
    // int(2/3 · 4·16) = 42, up to a multiple of 32.
    expect(spec).toMatchObject({ hidden: 16, heads: 2, kvHeads: 2, ffn: 64, rotaryScaling: { kind: 'none' } });
  });

  test('number types: what is not written is as in LlamaConfig', async () => {
    const { precision } = llamaSpecOf(
      await configOf(model('residual_dtype: float32'), ['compute_dtype: float32,', '']),
    );
    expect(precision).toMatchObject({
      compute: 'Float16',
      residual: 'Float32',
      layernorm: 'Float32',
      parameters: 'Float32',
    });
  });

  test.each([
    ['extend_method: NTK, scaling_factor: 2.0', { kind: 'NTK', factor: 2 }],
    ['extend_method: PI, scaling_factor: 4.0', { kind: 'PI', factor: 4 }],
    [
      'extend_method: LLAMA3, scaling_factor: {factor: 8.0, low_freq_factor: 1.0, high_freq_factor: 4.0, original_max_position_embeddings: 8192}',
      { kind: 'LLAMA3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192 },
    ],
  ])('rotary scaling: %s', async (keys, scaling) => {
    expect(llamaSpecOf(await configOf(model(keys))).rotaryScaling).toEqual(scaling);
  });

  test.each([
    ['extend_method: YARN, scaling_factor: {factor: 2.0}', /YARN is not computed/],
    ['extend_method: LLAMA3, scaling_factor: {low_freq_factor: 1.0}', /needs scaling_factor\.factor/],
    ['qkv_concat: True', /set it to False/],
  ])('refused: %s', async (keys, message) => {
    const config = await configOf(model(keys));
    expect(() => llamaSpecOf(config)).toThrow(message);
  });
});

describe('the optimizer', () => {
  test.each([
    ['AdamW', 'AdamW'],
    ['FP32StateAdamWeightDecay', 'FP32StateAdamWeightDecay'],
    ['adamw', 'FP32StateAdamWeightDecay'],
    ['AdamWeightDecay', 'FP32StateAdamWeightDecay'],
  ])('%s has the rule of %s', async (type, rule) => {
    expect(optimizerSpecOf(await configOf(['type: AdamW', `type: ${type}`])).rule).toBe(rule);
  });

  test('the loss scale: a number is fixed, an update cell dynamic', async () => {
    const wrapper = (text: string): readonly [string, string] => ['seed: 1', `seed: 1\nrunner_wrapper: ${text}`];
    expect(lossScaleSpecOf(await configOf(wrapper('{ scale_sense: 1.0 }')))).toEqual({ kind: 'fixed', scale: 1 });
    const dynamic =
      '{ scale_sense: { type: DynamicLossScaleUpdateCell, loss_scale_value: 4096, scale_factor: 2, scale_window: 7 } }';
    expect(lossScaleSpecOf(await configOf(wrapper(dynamic)))).toEqual({
      kind: 'dynamic',
      scale: 4096,
      factor: 2,
      window: 7,
    });
    expect(clipLimitOf(await configOf(wrapper('{ use_clip_grad: True, max_grad_norm: 0.5 }')))).toBe(0.5);
    expect(clipLimitOf(await configOf(wrapper('{ use_clip_grad: False }')))).toBeNull();
  });
});

describe('the learning rate', () => {
  const sizes = { totalSteps: 20, stepsPerEpoch: 4, scaleBatch: 8 };
  const schedule = (text: string): readonly [string, string] => [
    'lr_schedule: { type: ConstantWarmUpLR, learning_rate: 1.e-2, warmup_steps: 0 }',
    text,
  ];

  test.each([
    ['warmup_steps: 4', 4],
    ['warmup_epochs: 2, warmup_steps: 4', 8],
    ['warmup_ratio: 0.16, warmup_epochs: 2, warmup_steps: 4', 3],
  ])('the warm-up: %s is %i steps', async (keys, warmupSteps) => {
    const config = await configOf(schedule(`lr_schedule: { type: LinearWithWarmUpLR, learning_rate: 1.e-2, ${keys} }`));
    expect(learningRateSpecOf(config, sizes)).toMatchObject({ warmupSteps, totalSteps: 20 });
  });

  test('total_steps wins over the steps of the run', async () => {
    const config = await configOf(
      schedule('lr_schedule: { type: cosine, learning_rate: 1.e-2, total_steps: 100, warmup_ratio: 0.1 }'),
    );
    expect(learningRateSpecOf(config, sizes)).toMatchObject({
      kind: 'CosineWithWarmUpLR',
      totalSteps: 100,
      warmupSteps: 10,
    });
  });

  test('lr_scale multiplies by the rows of a step over its factor', async () => {
    const config = await configOf(['seed: 1', 'seed: 1\nlr_scale: True\nlr_scale_factor: 4']);
    expect(learningRate(learningRateSpecOf(config, sizes), 5)).toBeCloseTo(0.02, 9);
  });
});

test('micro batches of a step on one device', async () => {
  const config = await configOf(['batch_size: 2', 'batch_size: 2, gradient_accumulation_steps: 3']);
  const alone = { sharded: false, ownMeans: 'none' };
  expect(batchSizesOf(config, ALONE)).toEqual({ global: 6, local: 6, microBatches: 3, ...alone });
});

test('micro batches of a step on many devices', async () => {
  const sizesOf = async (keys: string, spread: Partial<ParallelSpec>) =>
    batchSizesOf(
      await configOf(
        ['batch_size: 2', 'batch_size: 2, gradient_accumulation_steps: 3'],
        ['seed: 1', `seed: 1\n${keys}`],
      ),
      { ...ALONE, ...spread },
    );
  const semi = 'use_parallel: True\nmicro_batch_interleave_num: 2\nparallel_config: {micro_batch_num: 4}';
  expect(await sizesOf(semi, { dataParallel: 2 })).toEqual({
    global: 24,
    local: 12,
    microBatches: 6,
    sharded: false,
    ownMeans: 'none',
  });
  expect(await sizesOf(semi, { dataParallel: 2, stages: 2 })).toMatchObject({ global: 96, microBatches: 24 });
  const data = 'use_parallel: True\nmicro_batch_interleave_num: 2\nparallel: {parallel_mode: 0}';
  expect(await sizesOf(data, { dataParallel: 2 })).toEqual({
    global: 12,
    local: 6,
    microBatches: 3,
    sharded: true,
    ownMeans: 'added',
  });
});

test('what is saved, when and where', async () => {
  const keys =
    'save_checkpoint_steps: 5, save_checkpoint_seconds: 9, keep_checkpoint_max: 3, directory: ./elsewhere, checkpoint_format: safetensors, save_trainable_params: True';
  const settings = saveSettingsOf(await configOf(['save_checkpoint_steps: 4', keys]));
  expect(settings).toMatchObject({
    prefix: 'tiny',
    folder: './elsewhere',
    format: 'safetensors',
    policy: { everySteps: 5, everySeconds: 9 },
    retention: { most: 3 },
    network: true,
  });
  expect(
    saveSettingsOf(
      await configOf([
        '{ type: CheckpointMonitor, prefix: tiny, save_checkpoint_steps: 4 }',
        '{ type: MFLossMonitor, per_print_times: 3 }',
      ]),
    ),
  ).toBeNull();
  expect(
    printEveryOf(
      await configOf([
        '{ type: CheckpointMonitor, prefix: tiny, save_checkpoint_steps: 4 }',
        '{ type: MFLossMonitor, per_print_times: 3 }',
      ]),
    ),
  ).toBe(3);
});
