/** The automatic cases of document 002, with the built command and real processes: 1 → 8 → 4 → 1. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { documentFolder } from './document-run.ts';
import { cairn, launch, stepsOf, train } from './run-cairn.ts';

const RUN = ['--config', 'run.yaml', '--runner_config.epochs', '1'];
const EIGHT = [...RUN, ...spread({ data_parallel: 2, model_parallel: 2, pipeline_stage: 2, micro_batch_num: 2 }, 1)];
const FOUR = [...RUN, ...spread({ data_parallel: 1, model_parallel: 2, pipeline_stage: 2, micro_batch_num: 2 }, 2)];

function spread(keys: Readonly<Record<string, number>>, rows: number): string[] {
  const flags = Object.entries(keys).flatMap(([key, value]) => [`--parallel_config.${key}`, String(value)]);
  return ['--use_parallel', 'True', '--runner_config.batch_size', String(rows), ...flags];
}

/** Loads a checkpoint that is cut anew, and keeps its parts and strategies, as the documents advise. */
async function cutFor(
  ranks: number,
  flags: readonly string[],
  from: readonly string[],
  kept: string,
  folder: string,
): Promise<readonly number[]> {
  const all = [...flags, '--auto_trans_ckpt', 'True', '--load_checkpoint', ...from];
  const ended = ranks === 1 ? await train(all, folder) : await launch(all, ranks, folder);
  expect(ended.exitCode, ended.stderr).toBe(0);
  fs.cpSync(path.join(folder, 'output/transformed_checkpoint'), path.join(folder, kept), { recursive: true });
  if (ranks > 1)
    fs.cpSync(path.join(folder, 'output/strategy'), path.join(folder, kept, 'strategy'), { recursive: true });
  return stepsOf(ended.events).map(({ loss }) => loss);
}

/** Files of the ranks' folders, with their contents. */
function partsOf(folder: string): ReadonlyMap<string, Buffer> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  const parts = names.filter((name) => /^rank_\d+\/.*\.ckpt$/.test(name));
  return new Map(parts.map((name) => [name, fs.readFileSync(path.join(folder, name))]));
}

function expectSame(a: string, b: string, count: number): void {
  const [one, other] = [partsOf(a), partsOf(b)];
  expect([...one.keys()]).toHaveLength(count);
  expect([...other.keys()]).toEqual([...one.keys()]);
  for (const [name, bytes] of one) expect(bytes.equals(other.get(name) ?? Buffer.alloc(0)), name).toBe(true);
}

test('a complete checkpoint cut for 8 ranks, for 4, and put together again is what it was, by one process as by two', async () => {
  const folder = await documentFolder();
  await train([...RUN, '--output_dir', './first'], folder);
  const original = path.join('first/checkpoint_network/rank_0', 'llama_7b_rank_0-5_2.ckpt');
  const two = ['--transform_process_num', '2'];

  const eight = await cutFor(8, EIGHT, [original], 'eight', folder);
  const again = await cutFor(8, EIGHT, [original, ...two], 'eight-by-two', folder);
  expect(again).toEqual(eight);
  expectSame(path.join(folder, 'eight'), path.join(folder, 'eight-by-two'), 8);
  expect(fs.existsSync(path.join(folder, 'eight-by-two/transform_succeed_rank_4.txt'))).toBe(true);

  const source = ['eight', '--src_strategy_path_or_dir', 'eight/strategy/merged_ckpt_strategy.ckpt'];
  const four = await cutFor(4, FOUR, source, 'four', folder);
  await cutFor(4, FOUR, [...source, ...two], 'four-by-two', folder);
  expectSame(path.join(folder, 'four'), path.join(folder, 'four-by-two'), 4);

  const parts = ['four', '--src_strategy_path_or_dir', 'four/strategy/merged_ckpt_strategy.ckpt'];
  const one = await cutFor(1, RUN, parts, 'one', folder);
  const whole = await cairn(['ckpt', 'diff', original, 'one/rank_0/checkpoint_0.ckpt', '--json'], folder);
  expect(whole.stdout, whole.stderr).toContain('"equal":true,"same":21');

  const begun = await train([...RUN, '--load_checkpoint', original], folder);
  const expected = stepsOf(begun.events).map(({ loss }) => loss);
  expect(one).toEqual(expected);
  for (const losses of [eight, four]) {
    const apart = expected.map((loss, i) => Math.abs(loss - (losses[i] ?? NaN)) / loss);
    expect(Math.max(...apart)).toBeLessThan(1e-5);
  }
});

test('what a rank at work cannot read ends all ranks with its reason', async () => {
  const folder = await documentFolder();
  await launch([...FOUR, '--output_dir', './first'], 4, folder);
  const damaged = path.join(folder, 'first/checkpoint/rank_2/llama_7b_rank_2-5_2.ckpt');
  fs.truncateSync(damaged, 5000);
  const flags = [
    '--auto_trans_ckpt',
    'True',
    '--load_checkpoint',
    'first/checkpoint',
    '--src_strategy',
    'first/strategy',
  ];
  const ended = await launch([...EIGHT, ...flags, '--transform_process_num', '2'], 8, folder);
  expect(ended.exitCode, ended.stderr).toBe(4);
  expect(ended.stderr).toContain('rank_2/llama_7b_rank_2-5_2.ckpt');
});
