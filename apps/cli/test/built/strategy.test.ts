import fs from 'node:fs';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { cairn, golden, objects, temporaryFolder } from './cairn.ts';

vi.setConfig({ testTimeout: 60_000 });

const YAML = `
parallel_config: { data_parallel: 2, model_parallel: 2, pipeline_stage: 2 }
model:
  model_config: { type: LlamaConfig, seq_length: 8, hidden_size: 16, num_layers: 2, num_heads: 2, vocab_size: 16, intermediate_size: 24 }
  arch: { type: LlamaForCausalLM }
`;

/** A folder with a configuration of two stages of four ranks. */
function configured(): { readonly folder: string; readonly config: string } {
  const folder = temporaryFolder();
  const config = path.join(folder, 'run.yaml');
  fs.writeFileSync(config, YAML);
  return { folder, config };
}

test('make writes a file a rank and the merged one; show and merge read them', () => {
  const { folder, config } = configured();
  const output = path.join(folder, 'strategy');
  const { code, lines, stderr } = cairn('strategy', 'make', '--config', config, '--output', output);
  expect([code, stderr]).toEqual([0, '9 files of a run of 8 ranks\n']);
  expect(lines[0]).toBe(`${output}/ckpt_strategy_rank_0.ckpt`);
  const merged = path.join(output, 'merged_ckpt_strategy.ckpt');
  const again = path.join(folder, 'again', 'merged.ckpt');
  expect(objects(cairn('strategy', 'merge', output, again, '--json', '--quiet'))).toEqual([
    { file: again, stages: 2, stageRanks: 4, tensors: 63, passedOver: ['merged_ckpt_strategy.ckpt'] },
  ]);
  expect(fs.readFileSync(again).equals(fs.readFileSync(merged))).toBe(true);
  const name = 'model.layers.1.attention.wo.weight';
  expect(cairn('strategy', 'show', output, '--tensor', name).lines).toEqual([
    `${name} in pieces: the file has no shapes, stage 1: ranks 4 to 7, devices [2, 2]`,
    '       0:1   1:2',
    '  0:1  4, 6  5, 7',
  ]);
});

test('show draws a configuration without any file', () => {
  const { config } = configured();
  const name = 'model.layers.0.attention.wo.weight';
  expect(cairn('strategy', 'show', '--config', config, '--tensor', name).lines).toEqual([
    `${name} [16, 16], stage 0: ranks 0 to 3, devices [2, 2]`,
    '        0:8   8:16',
    '  0:16  0, 2  1, 3',
  ]);
  expect(objects(cairn('strategy', 'show', '--config', config, '--json'))).toMatchObject([
    { stages: 2, stageRanks: 4 },
  ]);
});

test('a file of the real compiler is shown', () => {
  const { code, lines } = cairn('strategy', 'show', golden('strategy/adam_zero_all.ckpt'));
  expect([code, lines[0]]).toEqual([0, '8 ranks: 1 stage of 8 ranks']);
});

test.each([
  ['a checkpoint', ['show', golden('ckpt/append.ckpt')], 4, /append\.ckpt: byte 0: .* not of a strategy file/],
  [
    'a tensor that is not there',
    ['show', golden('strategy/mp4.ckpt'), '--tensor', 'head.weigh'],
    2,
    /nearest is head\.weight/,
  ],
  ['a path that leads nowhere', ['show', golden('strategy/mp5.ckpt')], 2, /mp5\.ckpt does not exist; the nearest/],
  ['neither file nor configuration', ['show'], 2, /name either a strategy file/],
  ['a folder of both kinds', ['merge', golden('strategy'), 'out.ckpt'], 4, /both kinds/],
  ['a rank that is no number', ['make', '--config', 'x.yaml', '--rank', 'one'], 2, /a whole number from 0 on/],
])('%s: refused in words', (_, words, exitCode, message) => {
  const { code, stdout, stderr } = cairn('strategy', ...words);
  expect([code, stdout]).toEqual([exitCode, '']);
  expect(stderr).toMatch(message);
});

test('a run that cannot be spread so is refused with the key', () => {
  const { folder, config } = configured();
  fs.writeFileSync(config, YAML.replace('model_parallel: 2', 'model_parallel: 4'));
  const { code, stderr } = cairn('strategy', 'make', '--config', config, '--output', path.join(folder, 'strategy'));
  const where = `${config}:2:54: parallel_config.model_parallel`;
  expect([code, stderr]).toEqual([2, `error: ${where}: 2 heads cannot be cut into 4: take a divisor\n`]);
  expect(fs.existsSync(path.join(folder, 'strategy'))).toBe(false);
});
