import { expectConfig, parseConfig } from '@cairn/config';
import type { RunConfig } from '@cairn/config';
import { ALONE } from '@cairn/strategy';
import { expect, test } from 'vitest';
import { TINY_YAML } from '../../test/tiny-run.ts';
import { failureOf } from '../failure-of.ts';
import { llamaSpecOf } from './llama-spec.ts';
import { parallelSpecOf, stagesOf } from './parallel-settings.ts';

async function configOf(keys: string, model = ''): Promise<RunConfig> {
  const text = `${TINY_YAML.replace('num_layers: 1', `num_layers: 4${model}`)}\n${keys}\n`;
  return expectConfig(await parseConfig({ name: 'tiny.yaml', text })).config;
}

const FOUR_WAYS = `
use_parallel: True
parallel_config: {data_parallel: 2, model_parallel: 2, context_parallel: 2, pipeline_stage: 2, vocab_emb_dp: True}
`;

test('without use_parallel a run is on one rank, whatever parallel_config says', async () => {
  const config = await configOf(FOUR_WAYS.replace('use_parallel: True', 'use_parallel: False'));
  expect(parallelSpecOf(config)).toEqual(ALONE);
});

test('parallel_config says how many ranks share what', async () => {
  expect(parallelSpecOf(await configOf(FOUR_WAYS))).toEqual({
    dataParallel: 2,
    modelParallel: 2,
    contextParallel: 2,
    stages: 2,
    sequenceParallel: false,
    vocabularyWhole: false,
    optimizerShards: null,
  });
});

test('without stages the vocabulary stays whole unless vocab_emb_dp is False', async () => {
  const spec = async (keys: string): Promise<boolean> =>
    parallelSpecOf(await configOf(`use_parallel: True\nparallel_config: {model_parallel: 2${keys}}`)).vocabularyWhole;
  expect(await spec('')).toBe(true);
  expect(await spec(', vocab_emb_dp: False')).toBe(false);
});

test('optimizer shards have a threshold in KiB and a size', async () => {
  const parallel = 'parallel_optimizer_config: {parallel_optimizer_threshold: 8, optimizer_weight_shard_size: 2}';
  const config = await configOf(`use_parallel: True\nparallel: {enable_parallel_optimizer: True, ${parallel}}`);
  expect(parallelSpecOf(config).optimizerShards).toEqual({ thresholdBytes: 8192, size: 2 });
});

test('optimizer_shard, the older name, wins where it is set', async () => {
  const shards = async (older: string, newer: string): Promise<boolean> => {
    const keys = `parallel_config: {data_parallel: 2${older}}\nparallel: {enable_parallel_optimizer: ${newer}}`;
    return parallelSpecOf(await configOf(`use_parallel: True\n${keys}`)).optimizerShards !== null;
  };
  expect(await shards('', 'True')).toBe(true);
  expect(await shards(', optimizer_shard: False', 'True')).toBe(false);
  expect(await shards(', optimizer_shard: True', 'False')).toBe(true);
});

test('in data-parallel mode every rank has a copy of everything, however many there are', async () => {
  const config = await configOf(`${FOUR_WAYS}\nparallel: {parallel_mode: 0}`);
  expect(parallelSpecOf(config, 6)).toEqual({ ...ALONE, dataParallel: 6 });
  expect(parallelSpecOf(config)).toEqual({ ...ALONE, dataParallel: 2 });
});

test('a mode that is not run is refused at its key', async () => {
  const config = await configOf('use_parallel: True\nparallel: {parallel_mode: 2}');
  expect(() => parallelSpecOf(config)).toThrow(/auto_parallel is not run/);
});

test('the layers lie on the stages as offset says', async () => {
  const stages = 'use_parallel: True\nparallel_config: {pipeline_stage: 3}';
  const config = await configOf(stages, ', offset: [0, 1, 0]');
  expect(stagesOf(config, llamaSpecOf(config), parallelSpecOf(config))).toEqual([0, 1, 1, 2]);
});

test.each([
  ['{pipeline_stage: 3}', '', /offsets sum to 0/, ['model', 'model_config', 'offset']],
  ['{pipeline_stage: 8}', '', /4 layers do not give/, ['parallel_config', 'pipeline_stage']],
  ['{pipeline_stage: 2}', ', offset: [[one]]', /give a number, a list/, ['model', 'model_config', 'offset']],
  ['{model_parallel: 4}', '', /2 heads cannot be cut into 4/, ['parallel_config', 'model_parallel']],
])('impossible: parallel_config %s%s', async (spread, model, message, path) => {
  const config = await configOf(`use_parallel: True\nparallel_config: ${spread}`, model);
  const failing = (): unknown => stagesOf(config, llamaSpecOf(config), parallelSpecOf(config));
  expect(failing).toThrow(message);
  expect(thrownBy(failing)).toMatchObject({ exitCode: 2, place: { path } });
});

function thrownBy(failing: () => unknown): unknown {
  try {
    return failing();
  } catch (error) {
    return failureOf(error);
  }
}
