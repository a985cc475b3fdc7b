import { expectConfig, parseConfig } from '@cairn/config';
import { expect, test } from 'vitest';
import { TINY_YAML } from '../../test/tiny-run.ts';
import { parallelWarnings } from './parallel-warnings.ts';

test.each([
  ['stages and a whole vocabulary', '{pipeline_stage: 2, vocab_emb_dp: True}', '1', ['vocab_emb_dp']],
  ['stages and nothing said about the vocabulary', '{pipeline_stage: 2}', '1', []],
  ['micro batches without stages', '{micro_batch_num: 4}', '1', ['micro_batch_num']],
  ['cuts in data-parallel mode', '{data_parallel: 2, model_parallel: 2}', '0', ['model_parallel']],
])('%s', async (_, spread, mode, keys) => {
  const text = `${TINY_YAML}use_parallel: True\nparallel: {parallel_mode: ${mode}}\nparallel_config: ${spread}\n`;
  const valid = expectConfig(await parseConfig({ name: 'tiny.yaml', text }));
  expect(parallelWarnings(valid).map(({ path }) => path)).toEqual(keys.map((key) => ['parallel_config', key]));
});
