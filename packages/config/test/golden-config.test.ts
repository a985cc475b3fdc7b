import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../src/index.ts';
import { valid } from './parse.ts';

/** The configuration of the recorded training run (mindformers 1.3.2); unchanged. */
const text = readFileSync(new URL('golden/mindformers-run.yaml', import.meta.url), 'utf8');

test('the configuration of the recorded run is read without a warning', async () => {
  const result = await parseConfig({ name: 'config.yaml', text });
  expect(result).toMatchObject({ ok: true, warnings: [] });
});

test('values are as written, defaults as in MindFormers', async () => {
  const { config } = await valid(text);
  expect(config).toMatchObject({
    seed: 0,
    run_mode: 'train',
    resume_training: false,
    transform_process_num: 1,
    runner_config: { epochs: 5, batch_size: 4, sink_mode: false, sink_size: -1, gradient_accumulation_steps: 1 },
    optimizer: { type: 'FP32StateAdamWeightDecay', betas: [0.9, 0.95], eps: 1e-8, learning_rate: 0.01 },
    lr_schedule: { type: 'CosineWithWarmUpLR', lr_end: 1e-4, warmup_ratio: 0.15, total_steps: -1, num_cycles: 0.5 },
    train_dataset: {
      data_loader: { type: 'MindDataset', dataset_dir: './data', shuffle: false },
      drop_remainder: true,
    },
    train_dataset_task: { type: 'CausalLanguageModelDataset' },
    eval_dataset: null,
    parallel: { parallel_mode: 'semi_auto_parallel', full_batch: true, gradients_mean: false },
    parallel_config: { data_parallel: 1, context_parallel: 1, vocab_emb_dp: true },
    context: { mode: 0, device_target: 'CPU', max_device_memory: '58GB' },
    model: {
      model_config: { hidden_size: 32, n_kv_heads: 4, max_position_embedding: 16, theta: 10000, init_method_std: 0.01 },
      arch: { type: 'LlamaForCausalLM' },
    },
    runner_wrapper: {
      use_clip_grad: true,
      max_grad_norm: 1,
      scale_sense: { loss_scale_value: 65536, scale_window: 8 },
    },
    processor: null,
  });
  expect(config.callbacks).toMatchObject([
    { type: 'MFLossMonitor', per_print_times: 1 },
    { type: 'CheckpointMonitor', prefix: 'llama_tiny', save_checkpoint_steps: 6, keep_checkpoint_max: 20 },
  ]);
});

test('keys without effect are listed and kept', async () => {
  const { config, accepted } = await valid(text);
  expect(accepted.map(({ path }) => path.join('.'))).toEqual([
    'train_dataset.python_multiprocessing',
    'train_dataset.numa_enable',
    'context.max_call_depth',
  ]);
  expect(config.rest).toEqual({
    train_dataset: { python_multiprocessing: false, numa_enable: false },
    context: { max_call_depth: 10000 },
  });
});

test('every value knows its place', async () => {
  const { origins } = await valid(text);
  const at = (line: number, column: number): unknown => ({ file: 'run.yaml', line, column });
  expect(origins.of(['runner_config', 'epochs'])).toEqual({ kind: 'file', place: at(12, 11) });
  expect(origins.of(['optimizer', 'betas', '1'])).toEqual({ kind: 'file', place: at(20, 10) });
  expect(origins.of(['model', 'model_config', 'theta'])).toEqual({ kind: 'default', why: 'LlamaConfig constructor' });
  expect(origins.of(['model', 'model_config', 'n_kv_heads'])).toEqual({ kind: 'default', why: 'num_heads' });
  expect(origins.locate(['runner_config'])).toEqual(at(11, 1));
  expect(origins.locate(['model', 'model_config', 'theta'])).toEqual(at(78, 3));
  expect(origins.locate(['callbacks', '1', 'save_checkpoint_steps'])).toEqual(at(68, 28));
  expect(origins.locate(['no', 'such', 'key'])).toEqual(at(1, 1));
});

test('the result is frozen in depth', async () => {
  const { config, warnings, accepted } = await valid(text);
  const open = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && (!Object.isFrozen(value) || Object.values(value).some(open));
  expect([config, warnings, accepted].some(open)).toBe(false);
});
