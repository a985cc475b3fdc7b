import { expect, test } from 'vitest';
import { brief, invalid, MODEL, valid } from '../test/parse.ts';

const monitor = (keys: string): string =>
  `${MODEL}callbacks:\n  - {type: CheckpointMonitor, save_checkpoint_steps: 5, ${keys}}\n`;

test('a checkpoint prefix must not contain rank or a slash', async () => {
  expect(brief((await invalid(monitor('prefix: my_rank_model'))).errors)).toEqual(['rule 3:65']);
  expect(brief((await invalid(monitor('prefix: a/b'))).errors)).toEqual(['rule 3:65']);
  expect(brief((await valid(monitor('prefix: llama_7b'))).warnings)).toEqual([]);
});

test('a monitor that never saves is a warning', async () => {
  const { config, warnings } = await valid(`${MODEL}callbacks:\n  - type: CheckpointMonitor\n    prefix: a\n`);
  expect(config.callbacks[1]).toMatchObject({ save_checkpoint_steps: null });
  expect(brief(warnings)).toEqual(['nothing-saved 3:5']);
  const zero = await valid(`${MODEL}callbacks: [{type: CheckpointMonitor, save_checkpoint_steps: 0}]\n`);
  expect(brief(zero.warnings)).toEqual(['nothing-saved 2:13']);
  const timed = await valid(`${MODEL}callbacks: [{type: CheckpointMonitor, save_checkpoint_seconds: 60}]\n`);
  expect(brief(timed.warnings)).toEqual([]);
});

test('remove_redundancy needs safetensors, but for mcore models, which save nothing else', async () => {
  expect(brief((await invalid(monitor('remove_redundancy: True'))).errors)).toEqual(['rule 3:76']);
  expect((await valid(monitor('remove_redundancy: True, checkpoint_format: safetensors'))).ok).toBe(true);
  expect((await valid(`use_legacy: False\n${monitor('remove_redundancy: True')}`)).ok).toBe(true);
});

test('models Cairn cannot run pass with a warning', async () => {
  const arch = await valid('model: {model_config: {type: LlamaConfig}, arch: {type: OtherForCausalLM}}');
  expect(brief(arch.warnings)).toEqual(['model-unsupported 1:57']);
  expect(arch.config.model).not.toBeNull();
  expect(brief((await valid(`moe_config: {expert_num: 8}\n${MODEL}`)).warnings)).toEqual(['experts-unsupported 1:26']);
  expect(brief((await valid(`parallel: {parallel_mode: MANUAL_PARALLEL}\n${MODEL}`)).warnings)).toEqual([
    'mode-unsupported 1:27',
  ]);
});

test('auto_pipeline and odd hosts are refused', async () => {
  expect(brief((await invalid('parallel: {auto_pipeline: True}')).errors)).toEqual(['rule 1:27']);
  expect(brief((await invalid('npu_num_per_node: 6')).errors)).toEqual(['rule 1:19']);
  expect((await valid('npu_num_per_node: 8')).config.npu_num_per_node).toBe(8);
});

test.each([
  'lr_schedule: {type: cosine, warmup_ratio: 1.5}',
  'lr_schedule: {type: cosine, total_steps: 0}',
  'runner_config: {batch_size: 0}',
  'runner_config: {batch_size: 1.5}',
  'transform_process_num: 0',
  'data_skip_steps: -1',
  'micro_batch_interleave_num: 0',
  'callbacks: [{type: CheckpointMonitor, enc_mode: AES}]',
  'callbacks: [{type: CheckpointMonitor, save_checkpoint_steps: -1}]',
])('%s is an error', async (text) => {
  expect((await invalid(text)).errors.map(({ code }) => code)).toEqual(['wrong-value']);
});
