import fs from 'node:fs';
import path from 'node:path';
import type { Step } from '@cairn/events';
import { expect, test } from 'vitest';
import { documentFolder } from './document-run.ts';
import { stepsOf, train } from './run-cairn.ts';

/** What must be the same to the bit; float32 values travel as exact JSON numbers. */
function bits(steps: readonly Step[]): unknown[] {
  return steps.map(({ epoch, stepInEpoch, step, samples, loss, lr, lossScale, overflow, globalNorm }) => [
    [epoch, stepInEpoch, step, samples],
    [loss, lr, lossScale, overflow, globalNorm],
  ]);
}

function checkpoints(folder: string): string[] {
  return fs
    .readdirSync(path.join(folder, 'output/checkpoint/rank_0'))
    .filter((name) => name.endsWith('.ckpt'))
    .sort();
}

const RUN = ['--config', 'run.yaml'];

/** Cases 1 and 2 of the documents: with and without data sinking; the checkpoint after step 24 has this name. */
const CASES = [
  ['case 1, data sinking', [], 'llama_7b_rank_0-12_2.ckpt'],
  [
    'case 2, no data sinking',
    [
      '--options',
      'runner_config.sink_mode=False',
      '--callbacks.[CheckpointMonitor].save_checkpoint_steps',
      '6',
      '--callbacks.[CheckpointMonitor].prefix',
      'CKP',
    ],
    'CKP_rank_0-3_4.ckpt',
  ],
] as const;

test.each(CASES)('%s: every loss after a resume equals the uninterrupted run, to the bit', async (_, flags, name) => {
  const folder = await documentFolder();
  const whole = await train([...RUN, ...flags], folder);
  expect(whole.exitCode, whole.stderr).toBe(0);
  const steps = stepsOf(whole.events);
  expect(steps).toHaveLength(50);
  expect(new Set(steps.map(({ lossScale }) => lossScale)).size).toBeGreaterThan(2);
  expect(checkpoints(folder)).toContain(name);

  const file = `./output/checkpoint/rank_0/${name}`;
  const ways = [
    ['--load_checkpoint', file, '--resume_training', 'True'],
    ['--load_checkpoint', './output/checkpoint', '--resume_training', name],
  ];
  for (const way of ways) {
    const resumed = await train([...RUN, ...flags, ...way], folder);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(bits(stepsOf(resumed.events))).toEqual(bits(steps.slice(24)));
  }
});

test('names are those of the documents', async () => {
  const sunk = await documentFolder();
  await train(RUN, sunk);
  expect(checkpoints(sunk)).toEqual(
    ['3_2', '6_2', '9_2', '12_2', '15_2', '18_2', '21_2', '24_2', '25_2']
      .map((at) => `llama_7b_rank_0-${at}.ckpt`)
      .sort(),
  );
  const unsunk = await documentFolder();
  await train([...RUN, ...CASES[1][1]], unsunk);
  expect(checkpoints(unsunk)).toEqual(
    ['1_6', '2_2', '2_8', '3_4', '4_6', '3_10', '5_2', '5_8', '5_10'].map((at) => `CKP_rank_0-${at}.ckpt`).sort(),
  );
});

test('a second run beside the first has names of its own, and is the one that is resumed', async () => {
  const folder = await documentFolder();
  await train(RUN, folder);
  const first = checkpoints(folder);
  await train([...RUN, '--runner_config.epochs', '4'], folder);
  expect(checkpoints(folder).filter((name) => !first.includes(name))).toContain('llama_7b_rank_0_1-20_2.ckpt');
  const resumed = await train(
    [...RUN, '--load_checkpoint', './output/checkpoint', '--resume_training', 'True'],
    folder,
  );
  const decided = resumed.events.find((event) => event.type === 'resume-decided');
  expect(path.basename(decided?.from ?? '')).toBe('llama_7b_rank_0_1-20_2.ckpt');
  expect(checkpoints(folder)).toContain('llama_7b_rank_0_2-25_2.ckpt');
});

test('only the newest saves are kept', async () => {
  const folder = await documentFolder();
  const flags = [
    '--callbacks.[CheckpointMonitor].save_checkpoint_steps',
    '10',
    '--callbacks.[CheckpointMonitor].keep_checkpoint_max',
    '3',
  ];
  await train([...RUN, ...flags], folder);
  expect(checkpoints(folder)).toEqual([
    'llama_7b_rank_0-15_2.ckpt',
    'llama_7b_rank_0-20_2.ckpt',
    'llama_7b_rank_0-25_2.ckpt',
  ]);
});

test('the same seed gives the same bits, whatever runs beside it', async () => {
  const folders = await Promise.all([documentFolder(), documentFolder(), documentFolder()]);
  const runs = await Promise.all(folders.map((folder) => train(RUN, folder)));
  const [first, ...others] = runs.map(({ events }) => bits(stepsOf(events)));
  for (const other of others) expect(other).toEqual(first);
  const checkpointOf = (folder: string): Buffer =>
    fs.readFileSync(path.join(folder, 'output/checkpoint/rank_0/llama_7b_rank_0-25_2.ckpt'));
  expect(checkpointOf(folders[1]).equals(checkpointOf(folders[0]))).toBe(true);
});

test('recomputed activations change nothing', async () => {
  const [kept, recomputed] = await Promise.all([documentFolder(), documentFolder()]);
  const plain = await train([...RUN, '--recompute_config.recompute', 'False'], kept);
  const again = await train([...RUN, '--recompute_config.recompute', 'True'], recomputed);
  expect(again.exitCode, again.stderr).toBe(0);
  expect(bits(stepsOf(again.events))).toEqual(bits(stepsOf(plain.events)));
});

test('nothing left to train is exit code 3', async () => {
  const folder = await documentFolder();
  await train(RUN, folder);
  const again = await train([...RUN, '--load_checkpoint', './output/checkpoint', '--resume_training', 'True'], folder);
  expect(again.exitCode).toBe(3);
  expect(again.stderr).toContain('all 50 steps are trained');
});
