import fs from 'node:fs';
import path from 'node:path';
import { layoutsOf, readStrategy } from '@cairn/strategy/files';
import { describe, expect, test } from 'vitest';
import { TINY_YAML, workFolder } from '../../test/tiny-run.ts';
import { failureOf } from '../failure-of.ts';
import { configStrategy, makeStrategy } from './make-strategy.ts';
import { mergeStrategyFolder, readStrategyFile, readStrategySource } from './read-strategy-source.ts';

const TWO_STAGES = {
  name: 'tiny.yaml',
  text: `${TINY_YAML.replace('num_layers: 1', 'num_layers: 2')}
parallel_config: { data_parallel: 2, model_parallel: 2, pipeline_stage: 2 }
parallel: { strategy_ckpt_save_file: ./there/my_strategy.ckpt }
`,
};
const EVERYTHING = { format: 'protobuf', rank: null, ranks: null } as const;

async function made(input = TWO_STAGES): Promise<string> {
  const folder = workFolder();
  await makeStrategy(input, { ...EVERYTHING, folder });
  return folder;
}

describe('making', () => {
  test('every rank gets a file under the name of the configuration, and several stages a merged one', async () => {
    const folder = workFolder();
    const { worldSize, files } = await makeStrategy(TWO_STAGES, { ...EVERYTHING, folder });
    expect(worldSize).toBe(8);
    expect(files).toEqual([
      ...Array.from({ length: 8 }, (_, rank) => `my_strategy_rank_${rank}.ckpt`),
      'merged_my_strategy.ckpt',
    ]);
    expect(fs.readdirSync(folder).toSorted()).toEqual(files.toSorted());
  });

  test('one stage needs no merged file', async () => {
    const input = { ...TWO_STAGES, text: TWO_STAGES.text.replace('pipeline_stage: 2', 'pipeline_stage: 1') };
    const { files } = await makeStrategy(input, { ...EVERYTHING, folder: workFolder() });
    expect(files).toHaveLength(4);
  });

  test('one rank can be asked for, in JSON, which tells the full shapes', async () => {
    const folder = workFolder();
    await makeStrategy(TWO_STAGES, { format: 'json', rank: 4, ranks: null, folder });
    expect(fs.readdirSync(folder)).toEqual(['my_strategy_rank_4.json']);
    const { tensors } = layoutsOf(await readStrategyFile(path.join(folder, 'my_strategy_rank_4.json')));
    expect(tensors.get('lm_head.weight')?.shape).toEqual([16, 16]);
    expect(tensors.has('model.tok_embeddings.embedding_weight')).toBe(false);
  });

  test.each([
    ['a rank that is not there', TWO_STAGES, { rank: 8 }, /no rank 8: the run has ranks 0 to 7/],
    ['another number of ranks', TWO_STAGES, { ranks: 4 }, /is 8 ranks, there are 4/],
    [
      'more stages than layers',
      { ...TWO_STAGES, text: TWO_STAGES.text.replace('pipeline_stage: 2', 'pipeline_stage: 4') },
      {},
      /2 layers do not give each of 4 parts/,
    ],
  ])('%s is refused, and nothing is written', async (_, input, wanted, message) => {
    const folder = workFolder();
    const failure = await makeStrategy(input, { ...EVERYTHING, folder, ...wanted }).catch(failureOf);
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
    expect(fs.readdirSync(folder)).toEqual([]);
  });
});

describe('merging a folder', () => {
  test("the ranks' files and the configuration give the merged file that lies beside them", async () => {
    const folder = await made();
    const { file, passedOver } = await mergeStrategyFolder(folder);
    expect(passedOver).toEqual(['merged_my_strategy.ckpt']);
    expect(file).toEqual(await readStrategyFile(path.join(folder, 'merged_my_strategy.ckpt')));
    expect(layoutsOf(file).tensors.size).toBe(layoutsOf(await configStrategy(TWO_STAGES)).tensors.size);
    expect(await readStrategySource(folder)).toEqual(file);
  });

  test('an empty folder, a missing one and both kinds of files are refused', async () => {
    const folder = workFolder();
    await expect(mergeStrategyFolder(folder)).rejects.toMatchObject({ code: 'empty' });
    await expect(mergeStrategyFolder(path.join(folder, 'absent'))).rejects.toMatchObject({ exitCode: 2 });
    fs.writeFileSync(path.join(folder, 'a.ckpt'), '');
    fs.writeFileSync(path.join(folder, 'b.json'), '');
    await expect(mergeStrategyFolder(folder)).rejects.toMatchObject({ code: 'inconsistent' });
  });

  test('ranks of different worlds are refused, naming two of their files', async () => {
    const folder = await made();
    const wider = { ...TWO_STAGES, text: TWO_STAGES.text.replace('data_parallel: 2', 'data_parallel: 4') };
    const other = await made(wider);
    fs.copyFileSync(path.join(other, 'my_strategy_rank_8.ckpt'), path.join(folder, 'my_strategy_rank_8.ckpt'));
    const failure = await mergeStrategyFolder(folder).catch(failureOf);
    expect(failure).toMatchObject({
      exitCode: 4,
      code: 'inconsistent',
      message: expect.stringMatching(/rank_4\.ckpt and my_strategy_rank_8\.ckpt are of stage 1/),
    });
  });
});

test('a file that is no strategy is named, with exit code 4', async () => {
  const file = path.join(workFolder(), 'x.ckpt');
  fs.writeFileSync(file, Buffer.from('0a050a01611200', 'hex'));
  const failure = await readStrategyFile(file).catch(failureOf);
  expect(failure).toMatchObject({ exitCode: 4, code: 'malformed', place: { file, byte: 0 } });
});

test('the strategy of 72 billion parameters on 64 ranks has every part of every weight', async () => {
  const text = TINY_YAML.replace(
    /\{ type: LlamaConfig[^}]*\}/,
    `{ type: LlamaConfig, seq_length: 2048, hidden_size: 8192, num_layers: 80, num_heads: 64, vocab_size: 152064,
       intermediate_size: 24576, qkv_has_bias: True, param_init_type: float32 }`,
  );
  const spread = 'parallel_config: { data_parallel: 2, model_parallel: 8, pipeline_stage: 4 }';
  const folder = workFolder();
  const input = { name: 'qwen.yaml', text: `${text}${spread}\nparallel: { enable_parallel_optimizer: True }\n` };
  expect((await makeStrategy(input, { ...EVERYTHING, folder })).files).toHaveLength(65);
  const merged = layoutsOf(readStrategy(fs.readFileSync(path.join(folder, 'merged_ckpt_strategy.ckpt'))));
  expect(merged).toMatchObject({ stages: 4, stageRanks: 16 });
  expect(merged.tensors.size).toBe(3 * (3 + 80 * 12));
});
