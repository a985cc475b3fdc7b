import { expect, test } from 'vitest';
import { brief, invalid, MODEL, valid } from '../test/parse.ts';
import { configValue, expectConfig, parseConfig } from './parse-config.ts';
import { ConfigError, isConfigError } from './config-issue.ts';

test('a wrong type is an error with place, rule, finding and fix', async () => {
  const { errors } = await invalid('seed: 1\nrunner_config:\n  epochs: five\n');
  expect(errors).toEqual([
    {
      severity: 'error',
      code: 'wrong-value',
      path: ['runner_config', 'epochs'],
      message:
        'runner_config.epochs must be a whole number, 1 or more; found the text "five". Write for example epochs: 1',
      place: { file: 'run.yaml', line: 3, column: 11 },
    },
  ]);
});

test('all errors are collected, in every section', async () => {
  const text = `seed: x
use_parallel: 3
runner_config: {epochs: 0, batch_size: 0, sink_size: 0}
optimizer: {type: AdamW, betas: [0.9], eps: 0}
lr_schedule: {learning_rate: 1}
parallel: {parallel_mode: 7}
parallel_config: 3
callbacks: [{prefix: a}, 5, {type: CheckpointMonitor, prefix: rank}]
context: {mode: 2, max_device_memory: 58}
model: {model_config: {type: LlamaConfig, compute_dtype: fp16, hidden_size: 1.5}}
runner_wrapper: {scale_sense: high}
`;
  expect(brief((await invalid(text)).errors).sort()).toEqual(
    [
      'wrong-value 1:7',
      'wrong-value 2:15',
      'wrong-value 3:25',
      'wrong-value 3:40',
      'wrong-value 3:54',
      'wrong-value 4:26',
      'wrong-value 4:45',
      'missing-key 5:1',
      'wrong-value 6:27',
      'wrong-value 7:18',
      'missing-key 8:13',
      'wrong-value 8:26',
      'rule 8:63',
      'wrong-value 9:17',
      'wrong-value 9:39',
      'wrong-value 10:58',
      'wrong-value 10:77',
      'wrong-value 11:31',
    ].sort(),
  );
});

test.each([
  ['seed: "5"', 'Take the quotes away: seed: 5'],
  ['load_ckpt_format: safetensor', 'Did you mean safetensors?'],
  ['output_dir: 5', 'Put it in quotes: output_dir: "5"'],
  ['transform_process_num: 0', 'Write for example transform_process_num: 1'],
])('%j gets the advice %j', async (text, advice) => {
  expect((await invalid(text)).errors[0]?.message).toContain(advice);
});

test('whole numbers pass as numbers, whole floats as whole numbers', async () => {
  const { config } = await valid(
    'optimizer: {type: AdamW, learning_rate: 1}\nrunner_config: {epochs: 3.0}\nlr_schedule: {type: cosine, lr_end: 0, warmup_ratio: 0}\n',
  );
  expect(config.optimizer.learning_rate).toBe(1);
  expect(config.runner_config.epochs).toBe(3);
  expect(config.lr_schedule?.warmup_ratio).toBe(0);
});

test('1e-5 without a dot is a number', async () => {
  const { config } = await valid('model: {model_config: {rms_norm_eps: 1e-5}}\noptimizer: {type: AdamW, eps: 1.e-8}\n');
  expect(config.model?.model_config.rms_norm_eps).toBe(1e-5);
  expect(config.optimizer.eps).toBe(1e-8);
});

test('a key without a value, and None, mean the default', async () => {
  const { config, origins } = await valid(
    'seed:\nload_checkpoint: None\nrunner_config:\nresume_training: None\ndata_skip_steps: None\n',
  );
  expect(config).toMatchObject({ seed: 1, load_checkpoint: '', resume_training: false, data_skip_steps: null });
  expect(config.runner_config.sink_size).toBe(2);
  expect(origins.of(['seed'])).toEqual({ kind: 'default', why: 'template of MindFormers r1.5 and later' });
});

test('a key that must be written may not be None', async () => {
  expect(brief((await invalid('optimizer: {type: None}')).errors)).toEqual(['missing-key 1:1']);
});

test('None stays a word where words are meant', async () => {
  const { config } = await valid(
    'model: {model_config: {extend_method: None}}\nprocessor: {tokenizer: {unk_token: None, bos_token: }}\n',
  );
  expect(config.model?.model_config.extend_method).toBe('None');
  expect(config.processor?.tokenizer).toMatchObject({ unk_token: 'None', bos_token: null });
});

test('Flase is False with a warning that says so', async () => {
  const { config, warnings } = await valid(`use_parallel: Flase\n${MODEL}`);
  expect(config.use_parallel).toBe(false);
  expect(brief(warnings)).toEqual(['spelling 1:15']);
  expect(warnings[0]?.message).toContain('"Flase" is neither True nor False; taken as False');
});

test.each([
  ['predcit', 'predict'],
  ['fintune', 'finetune'],
  ['export', null],
])('run_mode %s is read as %s, with a warning', async (word, mode) => {
  const { config, warnings } = await valid(`run_mode: ${word}\n${MODEL}`);
  expect(config.run_mode).toBe(mode);
  expect(brief(warnings)).toContain('spelling 1:11');
});

test('resume_training takes a flag or a file name, nothing else', async () => {
  expect((await valid('resume_training: True')).config.resume_training).toBe(true);
  expect((await valid('resume_training: a-12_2.ckpt')).config.resume_training).toBe('a-12_2.ckpt');
  expect((await valid('resume_training: "True"')).config.resume_training).toBe(true);
  expect(brief((await invalid('resume_training: 1')).errors)).toEqual(['wrong-value 1:18']);
  expect(brief((await invalid('resume_training: [a]')).errors)).toEqual(['wrong-value 1:1']);
  expect(brief((await invalid('auto_trans_ckpt: 1')).errors)).toEqual(['wrong-value 1:18']);
});

test('sink_size is 2 by default, -1 for an epoch, never 0', async () => {
  expect((await valid('')).config.runner_config.sink_size).toBe(2);
  expect((await valid('runner_config: {epochs: 2}')).config.runner_config.sink_size).toBe(2);
  expect((await valid('runner_config: {sink_size: -1}')).config.runner_config.sink_size).toBe(-1);
  expect(brief((await invalid('runner_config: {sink_size: 0}')).errors)).toEqual(['wrong-value 1:28']);
  expect(brief((await invalid('runner_config: {sink_size: -2}')).errors)).toEqual(['wrong-value 1:28']);
});

test('the loss scale is a number or a mapping; absent it is 1, or dynamic when the whole wrapper is absent', async () => {
  const scale = async (text: string): Promise<unknown> => (await valid(text)).config.runner_wrapper.scale_sense;
  expect(await scale('runner_wrapper: {type: MFTrainOneStepCell}')).toBe(1);
  expect(await scale('runner_wrapper: {scale_sense: 1024}')).toBe(1024);
  expect(
    await scale('runner_wrapper: {scale_sense: {type: FixedLossScaleUpdateCell, loss_scale_value: 4096}}'),
  ).toMatchObject({
    type: 'FixedLossScaleUpdateCell',
    loss_scale_value: 4096,
    scale_factor: 2,
  });
  expect(await scale('')).toMatchObject({ type: 'DynamicLossScaleUpdateCell', loss_scale_value: 65536 });
  expect((await valid('')).config.runner_wrapper.use_clip_grad).toBe(true);
  expect((await valid('runner_wrapper: {}')).config.runner_wrapper.use_clip_grad).toBe(false);
});

test('defaults follow the class that is named', async () => {
  expect((await valid('optimizer: {type: AdamW}')).config.optimizer.eps).toBe(1e-8);
  expect((await valid('optimizer: {type: FP32StateAdamWeightDecay}')).config.optimizer.eps).toBe(1e-6);
  expect((await valid('lr_schedule: {type: polynomial}')).config.lr_schedule?.lr_end).toBe(1e-7);
  expect((await valid('lr_schedule: {type: cosine_with_restarts}')).config.lr_schedule?.num_cycles).toBe(1);
});

test('without a schedule the template counts, or a rate that is written', async () => {
  expect((await valid('')).config.lr_schedule).toMatchObject({ type: 'CosineWithWarmUpLR', learning_rate: 5e-5 });
  const constant = await valid('run_mode: train\noptimizer: {type: AdamW, learning_rate: 0.1}\n');
  expect(constant.config.lr_schedule).toBeNull();
  expect(brief(constant.warnings)).toEqual(['rule 2:41']);
});

test('types that change between releases are all read', async () => {
  const { config } = await valid(`
parallel: {parallel_mode: STAND_ALONE}
recompute_config: {recompute: [1, [2, 3]], select_recompute: {'feed_forward\\.mul': True}, select_comm_recompute: True}
model:
  model_config: {offset: [[1, -1], [0, 0]], eos_token_id: [1, 2], scaling_factor: {factor: 8.0}}
`);
  expect(config.parallel.parallel_mode).toBe('stand_alone');
  expect(config.recompute_config.recompute).toEqual([1, [2, 3]]);
  expect(config.recompute_config.select_recompute).toEqual({ 'feed_forward\\.mul': true });
  expect(config.model?.model_config).toMatchObject({
    offset: [
      [1, -1],
      [0, 0],
    ],
    eos_token_id: [1, 2],
  });
  expect(config.model?.model_config.scaling_factor).toEqual({ factor: 8 });
});

test.each([
  ['0', 'data_parallel'],
  ['1', 'semi_auto_parallel'],
  ['2', 'auto_parallel'],
  ['3', 'hybrid_parallel'],
  ['SEMI_AUTO_PARALLEL', 'semi_auto_parallel'],
])('parallel_mode %s is %s', async (written, mode) => {
  expect((await valid(`parallel: {parallel_mode: ${written}}`)).config.parallel.parallel_mode).toBe(mode);
});

test('a key nobody knows is a warning with its place and the nearest name', async () => {
  const { warnings, config } = await valid(
    `sed: 1\nrunner_config:\n  epoch_s: 3\nbatchsize: 2\nsink_size: 3\n${MODEL}`,
  );
  expect(brief(warnings)).toEqual(['unknown-key 3:3', 'unknown-key 1:1', 'unknown-key 4:1', 'unknown-key 5:1']);
  const messages = warnings.map(({ message }) => message);
  expect(messages[0]).toContain('runner_config.epoch_s is not a key of any MindFormers release');
  expect(messages[0]).toContain('Did you mean epochs?');
  expect(messages[1]).toContain('Did you mean seed?');
  expect(messages[3]).toContain('Did you mean runner_config.sink_size?');
  expect(config.rest).toEqual({ sed: 1, runner_config: { epoch_s: 3 }, batchsize: 2, sink_size: 3 });
});

test('unknown keys are warnings in free sections too', async () => {
  const text = 'parallel: {abc: 1}\ncontext: {abc: 1}\nrunner_wrapper: {abc: 1}\nmodel: {model_config: {abc: 1}}\n';
  expect(brief((await valid(text)).warnings)).toEqual([
    'unknown-key 1:12',
    'unknown-key 2:11',
    'unknown-key 4:24',
    'unknown-key 3:18',
  ]);
});

test('a key without effect of another type is a warning', async () => {
  const { warnings, accepted } = await valid(`auto_tune: sometimes\n${MODEL}`);
  expect(brief(warnings)).toEqual(['accepted-type 1:12']);
  expect(accepted).toMatchObject([{ path: ['auto_tune'], value: 'sometimes', releases: 'r1.0 to 2.1.0' }]);
});

test('callbacks: the loss monitor of the template comes first, others are kept with their keys', async () => {
  const { config, accepted } = await valid(
    'callbacks:\n  - type: ObsMonitor\n    keep_last: False\n  - type: CheckpointMonitor\n    save_checkpoint_steps: 5\n',
  );
  expect(config.callbacks).toMatchObject([
    { type: 'MFLossMonitor' },
    { type: 'ObsMonitor', keep_last: false },
    { type: 'CheckpointMonitor', prefix: 'CKP', keep_checkpoint_max: 5, save_network_params: true },
  ]);
  expect(accepted).toMatchObject([{ path: ['callbacks', '1', 'keep_last'] }]);
  expect(brief((await invalid('callbacks: {type: CheckpointMonitor}')).errors)).toEqual(['wrong-value 1:1']);
});

test('other model families pass a check with a warning', async () => {
  const { config, warnings } = await valid(
    'model:\n  model_config:\n    type: ChatGLM2Config\n    num_heads: [1, 2]\n  arch:\n    type: X\n',
  );
  expect(config.model).toBeNull();
  expect(brief(warnings)).toEqual(['model-unsupported 1:1']);
  expect(config.rest).toMatchObject({ model: { model_config: { type: 'ChatGLM2Config', num_heads: [1, 2] } } });
  expect(brief((await valid('model: {model_config: {model_type: qwen3}}')).warnings)).toEqual([
    'model-unsupported 1:1',
  ]);
  expect(brief((await valid('model: {hidden_size: 5}')).warnings)).toEqual(['model-unsupported 1:1']);
  expect((await valid('seed: 1')).warnings).toMatchObject([{ code: 'model-missing' }]);
});

test('sections the mode does not look at are named in one warning', async () => {
  const { warnings } = await valid(
    `run_mode: predict\ncallbacks: []\noptimizer: {type: AdamW}\nprocessor: {}\n${MODEL}`,
  );
  expect(brief(warnings)).toEqual(['sections-unused 3:1']);
  expect(warnings[0]?.message).toBe('not looked at in run_mode predict: optimizer, callbacks');
});

test('a syntax error is the only error', async () => {
  const { errors } = await invalid('seed: [1\nrunner_config: {epochs: x}\n');
  expect(errors.length).toBeGreaterThan(0);
  expect(errors.every(({ code }) => code === 'yaml-syntax')).toBe(true);
});

test('an empty file is all defaults and a warning', async () => {
  const { config, warnings } = await valid('');
  expect(config.seed).toBe(1);
  expect(warnings.map(({ code }) => code)).toEqual(['empty', 'model-missing']);
});

test('values are found by path, acted on or kept', async () => {
  const { config } = await valid('seed: 3\ncontext: {max_call_depth: 7}\n');
  expect(configValue(config, ['seed'])).toBe(3);
  expect(configValue(config, ['context', 'max_call_depth'])).toBe(7);
  expect(configValue(config, ['context', 'nothing'])).toBeUndefined();
  expect(configValue(config, ['seed', 'length'])).toBeUndefined();
});

test('expectConfig throws all errors at once', async () => {
  const result = await parseConfig({ name: 'a.yaml', text: 'seed: x\nuse_parallel: 7\n' });
  const caught = await Promise.resolve(result)
    .then(expectConfig)
    .catch((error: unknown) => error);
  expect(isConfigError(caught)).toBe(true);
  expect(caught).toBeInstanceOf(ConfigError);
  expect(String(caught)).toContain('a.yaml:1:7: seed must be');
  expect(String(caught)).toContain('a.yaml:2:15: use_parallel must be');
});
