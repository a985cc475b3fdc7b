/** Safetensors checkpoints of upstream's modes (mindformers-behaviour §3.5, S-05, S-06, S-11, S-12): loaded, cut anew, resumed. */
import fs from 'node:fs';
import path from 'node:path';
import { readNumber } from '@cairn/ckpt-format/folder';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/rank/checkpoint-file.ts';
import { apart, dataFolder, stepsOf, trained } from '../spread-run.ts';
import type { Spread } from '../spread-run.ts';

const FOUR: Spread = { mp: 2, pp: 2, rows: 4, micro: 2, monitor: 'checkpoint_format: safetensors' };
const TWO: Spread = { dp: 2, rows: 2, accumulate: 2 };
const ONE: Spread = { rows: 4, accumulate: 2 };
const LOAD = 'load_ckpt_format: safetensors\n';

async function fourRanks(cwd: string) {
  const [events] = await trained(FOUR, cwd, 'output_dir: ./first');
  return stepsOf(events);
}

describe('rank folders', () => {
  test('without auto_trans_ckpt each rank resumes from its own', async () => {
    const cwd = await dataFolder();
    const steps = await fourRanks(cwd);
    const keys = `${LOAD}load_checkpoint: ./first/checkpoint\nresume_training: tiny_rank_0-2_2\noutput_dir: ./second`;
    const [resumed] = await trained(FOUR, cwd, keys);
    expect(stepsOf(resumed).map(({ loss }) => loss)).toEqual(steps.slice(4).map(({ loss }) => loss));
  });

  test.each([TWO, ONE])('with it they are cut anew, by the strategy that lies beside them', async (spread) => {
    const cwd = await dataFolder();
    const steps = await fourRanks(cwd);
    const keys = `${LOAD}load_checkpoint: ./first/checkpoint\nauto_trans_ckpt: True\nresume_training: True\noutput_dir: ./second`;
    for (const rank of [0, 1, 2, 3]) {
      const folder = path.join(cwd, `first/checkpoint/rank_${rank}`);
      for (const name of fs.readdirSync(folder)) if (/-6_2/.test(name)) fs.rmSync(path.join(folder, name));
    }
    const [resumed] = await trained(spread, cwd, keys);
    expect(apart(steps.slice(8), stepsOf(resumed), 'loss')).toBeLessThan(1e-5);
    const codes = resumed?.flatMap((event) => (event.type === 'warning' ? [event.code] : []));
    expect(codes).toContain('strategy-beside');
    expect(fs.existsSync(path.join(cwd, 'second/transformed_checkpoint/rank_0/checkpoint_0.safetensors'))).toBe(true);
  });

  test('the file of one rank stands for those of all: its strategy lies three levels up', async () => {
    const cwd = await dataFolder();
    const steps = await fourRanks(cwd);
    const file = './first/checkpoint/rank_0/tiny_rank_0-4_2.safetensors';
    const keys = `${LOAD}load_checkpoint: ${file}\nauto_trans_ckpt: True\nresume_training: True\noutput_dir: ./second`;
    const [resumed] = await trained(TWO, cwd, keys);
    expect(apart(steps.slice(8), stepsOf(resumed), 'loss')).toBeLessThan(1e-5);
  });

  test('resumed with another batch size, the count of steps of the optimizer follows it', async () => {
    const cwd = await dataFolder();
    await fourRanks(cwd);
    const keys = `${LOAD}load_checkpoint: ./first/checkpoint\nauto_trans_ckpt: True\nresume_training: tiny_rank_0-2_2\noutput_dir: ./second`;
    const [resumed] = await trained({ dp: 2, rows: 2 }, cwd, keys);
    const decided = resumed?.find((event) => event.type === 'resume-decided');
    expect(decided).toMatchObject({ step: 8 });
    expect(stepsOf(resumed).map(({ step }) => step)[0]).toBe(9);
    const file = path.join(cwd, 'second/checkpoint/rank_0/tiny_rank_0-6_2.ckpt');
    const { index, source, close } = await openCheckpoint(file, null);
    const counted = index.entries.find(({ name }) => name === 'global_step');
    expect(counted?.kind === 'tensor' && (await readNumber(source, counted))).toBe(12);
    await close();
  });

  test('without any strategy they are refused', async () => {
    const cwd = await dataFolder();
    await fourRanks(cwd);
    fs.rmSync(path.join(cwd, 'first/strategy'), { recursive: true });
    const keys = `${LOAD}load_checkpoint: ./first/checkpoint\nauto_trans_ckpt: True\noutput_dir: ./second`;
    await expect(trained(TWO, cwd, keys)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('complete files', () => {
  test('several of them are one checkpoint, for one rank and cut for several', async () => {
    const cwd = await dataFolder();
    await trained({ ...ONE, monitor: 'checkpoint_format: safetensors' }, cwd, 'output_dir: ./first');
    fs.mkdirSync(path.join(cwd, 'weights'));
    const saved = path.join(cwd, 'first/checkpoint_network/rank_0/tiny_rank_0-6_2.safetensors');
    fs.copyFileSync(saved, path.join(cwd, 'weights/model-00001-of-00001.safetensors'));
    const keys = `${LOAD}load_checkpoint: ./weights\noutput_dir: ./second`;
    const [alone] = await trained(ONE, cwd, keys);
    const [cut] = await trained({ mp: 2, rows: 4, accumulate: 2 }, cwd, `${keys}\nauto_trans_ckpt: True`);
    expect(apart(stepsOf(alone), stepsOf(cut), 'loss')).toBeLessThan(1e-5);
    expect(stepsOf(alone)[0]?.step).toBe(1);
  });
});
