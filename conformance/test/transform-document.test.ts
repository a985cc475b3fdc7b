import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { documentFolder } from './document-run.ts';
import { cairn, train } from './run-cairn.ts';

/** A complete checkpoint of two layers with its optimizer states, and the strategies of two ways to spread it. */
async function documentModel(): Promise<{ folder: string; complete: string }> {
  const folder = await documentFolder();
  const flags = ['--config', 'run.yaml', '--runner_config.epochs', '1'];
  const { exitCode, stderr } = await train(flags, folder);
  expect(exitCode, stderr).toBe(0);
  const rank = path.join(folder, 'output/checkpoint/rank_0');
  const newest = fs
    .readdirSync(rank)
    .filter((name) => name.endsWith('.ckpt'))
    .toSorted()
    .at(-1)!;
  fs.mkdirSync(path.join(folder, 'llama-7b-2layer/rank_0'), { recursive: true });
  fs.copyFileSync(path.join(rank, newest), path.join(folder, 'llama-7b-2layer/rank_0/llama_7b.ckpt'));
  await strategyFor(folder, 'dp2mp2pp2', { data: 2, model: 2, stages: 2 });
  await strategyFor(folder, 'dp1mp2pp2', { data: 1, model: 2, stages: 2 });
  return { folder, complete: './llama-7b-2layer/rank_0/llama_7b.ckpt' };
}

async function strategyFor(
  folder: string,
  name: string,
  { data, model, stages }: { data: number; model: number; stages: number },
): Promise<void> {
  const yaml = fs.readFileSync(path.join(folder, 'run.yaml'), 'utf8');
  const spread = `parallel_config:
  data_parallel: ${data}
  model_parallel: ${model}
  pipeline_stage: ${stages}
  micro_batch_num: 2
parallel:
  parallel_mode: 1
  enable_parallel_optimizer: ${data > 1 ? 'True' : 'False'}
  parallel_optimizer_config:
    parallel_optimizer_threshold: 1
`;
  fs.writeFileSync(
    path.join(folder, `${name}.yaml`),
    `${yaml.replace('use_parallel: False', 'use_parallel: True')}${spread}`,
  );
  const made = await cairn(['strategy', 'make', '--config', `${name}.yaml`, '--output', `${name}/strategy`], folder);
  expect(made.exitCode, made.stderr).toBe(0);
}

async function apply(folder: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await cairn(['transform', 'apply', ...words], folder);
  expect(exitCode, stderr).toBe(0);
  return stderr;
}

/** Names and contents of the checkpoint files below a folder. */
function filesBelow(folder: string): ReadonlyMap<string, Buffer> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ckpt'));
  return new Map(names.toSorted().map((name) => [name, fs.readFileSync(path.join(folder, name))]));
}

test('the offline cases of document 002: 1 → 8 → 4 → 1, by one process and by two', async () => {
  const { folder, complete } = await documentModel();
  const at = (...names: readonly string[]): string => path.join(folder, ...names);

  // Case one: a complete checkpoint for eight ranks; several stages, so the strategy is a folder.
  await apply(
    folder,
    `--src_checkpoint=${complete}`,
    '--dst_checkpoint=./1to8/',
    '--dst_strategy=./dp2mp2pp2/strategy/',
  );
  await apply(folder, complete, 'None', './1to8_two/', './dp2mp2pp2/strategy/', '8', '2');
  expect([...filesBelow(at('1to8')).keys()]).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((r) => `rank_${r}/checkpoint_${r}.ckpt`),
  );
  expect(filesBelow(at('1to8_two'))).toEqual(filesBelow(at('1to8')));
  expect(fs.readdirSync(at('log')).toSorted()).toEqual(['transform_0.log', 'transform_1.log']);
  expect(fs.readFileSync(at('log/transform_1.log'), 'utf8')).toContain('./1to8_two/: 4 files');

  // Case two: eight ranks for four; the source's strategy as the merged file.
  const merged = './dp2mp2pp2/strategy/merged_ckpt_strategy.ckpt';
  const four = ['--dst_strategy=./dp1mp2pp2/strategy/', `--src_strategy=${merged}`];
  await apply(folder, '--src_checkpoint=./1to8/', '--dst_checkpoint=./8to4/', ...four);
  await apply(folder, './1to8', merged, './8to4_two', './dp1mp2pp2/strategy/', '4', '2');
  expect(filesBelow(at('8to4_two'))).toEqual(filesBelow(at('8to4')));
  expect(filesBelow(at('8to4')).size).toBe(4);

  // Case three: four ranks back to one.
  await apply(
    folder,
    '--src_checkpoint=./8to4/',
    '--src_strategy=./dp1mp2pp2/strategy/merged_ckpt_strategy.ckpt',
    '--dst_checkpoint=./4to1/',
  );
  const same = await cairn(['ckpt', 'diff', complete, './4to1/rank_0/checkpoint_0.ckpt', '--json'], folder);
  expect(same.exitCode, same.stdout).toBe(0);
  expect(JSON.parse(same.stdout)).toMatchObject({ equal: true, differences: [] });

  // The strategies may as well come from the YAML of the runs: the same files come out.
  await apply(folder, `--src_checkpoint=${complete}`, '--dst_checkpoint=./1to8_yaml', '--dst_strategy=dp2mp2pp2.yaml');
  expect(filesBelow(at('1to8_yaml'))).toEqual(filesBelow(at('1to8')));

  for (const words of [
    [`--src_checkpoint=${complete}`, '--dst_checkpoint=./1to8/', '--dst_strategy=./dp2mp2pp2/strategy/'],
    ['./1to8'],
  ]) {
    const verified = await cairn(['transform', 'verify', ...words], folder);
    expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0);
  }
});

test('through unified safetensors and back, split by size', async () => {
  const { folder, complete } = await documentModel();
  const eight = ['--src_checkpoint=./1to8/', '--src_strategy=./dp2mp2pp2/strategy/'];
  await apply(
    folder,
    `--src_checkpoint=${complete}`,
    '--dst_checkpoint=./1to8/',
    '--dst_strategy=./dp2mp2pp2/strategy/',
  );
  await apply(folder, ...eight, '--dst_checkpoint=./unified', '--part_size=256KiB', '--jobs=2');
  const names = fs.readdirSync(path.join(folder, 'unified')).filter((name) => !name.includes('.cairn.json'));
  expect(names).toEqual(
    expect.arrayContaining(['hyper_param.safetensors', 'param_name_map.json', 'part0.safetensors']),
  );
  const index: unknown = JSON.parse(fs.readFileSync(path.join(folder, 'unified/param_name_map.json'), 'utf8'));
  expect(index).toMatchObject({ weight_map: { 'lm_head.weight': expect.stringMatching(/^part\d+\.safetensors$/) } });

  const back = ['--src_checkpoint=./unified', '--dst_checkpoint=./back', '--output_format=ckpt'];
  await apply(folder, ...back, '--dst_strategy=./dp1mp2pp2/strategy/');
  const four = ['--dst_strategy=./dp1mp2pp2/strategy/', '--dst_checkpoint=./8to4/'];
  await apply(folder, ...eight, ...four);
  const both = [0, 1, 2, 3].map((rank) => `rank_${rank}/checkpoint_${rank}.ckpt`);
  for (const name of both) {
    const { exitCode, stdout } = await cairn(['ckpt', 'diff', `./back/${name}`, `./8to4/${name}`], folder);
    expect(exitCode, stdout).toBe(0);
  }
});
