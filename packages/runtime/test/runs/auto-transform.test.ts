/** Runs that go on from checkpoints of another parallel strategy. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { apart, dataFolder, stepsOf, trained } from '../spread-run.ts';
import type { Spread } from '../spread-run.ts';

const EIGHT: Spread = { dp: 2, mp: 2, pp: 2, rows: 2, micro: 2 };
const FOUR: Spread = { mp: 2, pp: 2, rows: 4, micro: 2 };
const ONE: Spread = { rows: 4, accumulate: 2 };
const SHARDED: Spread = { dp: 2, mp: 2, rows: 2, interleave: 2, shards: -1 };

/** Keys that go on from what a run has left in a folder. */
function goingOn(from: string, to: string, more: readonly string[] = []): string {
  const strategy = fs.existsSync(`${from}/strategy`) ? [`src_strategy_path_or_dir: ${from}/strategy`] : [];
  const keys = [`load_checkpoint: ${from}/checkpoint`, 'auto_trans_ckpt: True', `output_dir: ${to}`];
  return [...keys, ...strategy, ...more].join('\n');
}

describe('a run goes on with the losses of the one that did not stop', () => {
  const ways: readonly [string, Spread, Spread, string[]?][] = [
    ['8 ranks to 4', EIGHT, FOUR],
    ['8 ranks to 4, two at work', EIGHT, FOUR, ['transform_process_num: 2']],
    ['8 ranks to 1', EIGHT, ONE],
    ['4 ranks to 8', FOUR, EIGHT],
    ['1 rank to 8, four at work', ONE, EIGHT, ['transform_process_num: 4']],
    ['8 ranks to 4 with optimizer shards', EIGHT, SHARDED],
    ['4 with optimizer shards to 8 ranks', SHARDED, EIGHT],
  ];
  test.each(ways)('%s', async (_name, before, after, more = []) => {
    const cwd = await dataFolder();
    const [whole] = await trained(before, cwd, 'output_dir: ./first');
    const keys = goingOn(`${cwd}/first`, './second', [...more, 'resume_training: tiny_rank_0-2_2']);
    const [resumed] = await trained(after, cwd, keys);
    expect(apart(stepsOf(whole).slice(4), stepsOf(resumed), 'loss')).toBeLessThan(1e-5);
    const folder = path.join(cwd, 'second/transformed_checkpoint');
    expect(fs.existsSync(path.join(folder, 'rank_0/checkpoint_0.ckpt'))).toBe(true);
    expect(fs.existsSync(path.join(folder, 'transform_succeed_rank_0.txt'))).toBe(true);
  });
});

test('weights alone start a run at its first step', async () => {
  const cwd = await dataFolder();
  await trained(FOUR, cwd, 'output_dir: ./first');
  const keys = goingOn(`${cwd}/first`, './second').replace('first/checkpoint', 'first/checkpoint_network');
  const [begun] = await trained(ONE, cwd, keys);
  const [step] = stepsOf(begun);
  expect(step?.step).toBe(1);
});

test('the newest step that all ranks have is taken', async () => {
  const cwd = await dataFolder();
  const [whole] = await trained(FOUR, cwd, 'output_dir: ./first');
  fs.rmSync(path.join(cwd, 'first/checkpoint/rank_3/tiny_rank_3-6_2.ckpt'));
  const [resumed] = await trained(ONE, cwd, goingOn(`${cwd}/first`, './second', ['resume_training: True']));
  expect(apart(stepsOf(whole).slice(8), stepsOf(resumed), 'loss')).toBeLessThan(1e-5);
});

describe('is refused', () => {
  test('when what is to be remade holds what is read', async () => {
    const cwd = await dataFolder();
    await trained(FOUR, cwd, 'output_dir: ./first');
    const keys = goingOn(`${cwd}/first`, './first');
    await expect(trained(ONE, cwd, keys)).rejects.toThrow('first/strategy, which auto_trans_ckpt makes anew');
    expect(fs.existsSync(path.join(cwd, 'first/strategy/ckpt_strategy_rank_0.ckpt'))).toBe(true);
  });

  test('with more processes than ranks, or a number that does not divide them', async () => {
    const cwd = await dataFolder();
    await trained(ONE, cwd, 'output_dir: ./first');
    for (const count of [3, 8]) {
      const keys = goingOn(`${cwd}/first`, './second', [`transform_process_num: ${count}`]);
      await expect(trained(FOUR, cwd, keys)).rejects.toThrow(`transform_process_num ${count} does not fit 4`);
    }
  });
});

test('a failure of the rank at work is told by all', async () => {
  const cwd = await dataFolder();
  await trained(EIGHT, cwd, 'output_dir: ./first');
  fs.truncateSync(path.join(cwd, 'first/checkpoint/rank_5/tiny_rank_5-6_2.ckpt'), 1000);
  const outcomes = await Promise.allSettled([trained(FOUR, cwd, goingOn(`${cwd}/first`, './second'))]);
  expect(outcomes[0]).toMatchObject({ status: 'rejected', reason: { exitCode: 4 } });
});
