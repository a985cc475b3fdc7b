import fs from 'node:fs';
import path from 'node:path';
import { indexCheckpoint, readTensor } from '@cairn/ckpt-format';
import type { TensorEntry } from '@cairn/ckpt-format';
import { openFile } from '@cairn/storage';
import { describe, expect, test } from 'vitest';
import { GOLDEN, stepsOf, train, workFolder } from './run-cairn.ts';

const RUN = path.join(GOLDEN, 'mindformers-run');

/** One step as MindFormers recorded it. */
interface RecordedStep {
  readonly loss: number;
  readonly lr: number;
  readonly global_norm: number;
  readonly loss_scale: number;
  readonly overflow: boolean;
}

/** The golden run's inputs in a folder of their own. */
function golden(): string {
  const folder = workFolder();
  fs.cpSync(RUN, folder, { recursive: true });
  return folder;
}

function recorded(name: string): RecordedStep[] {
  const lines = fs
    .readFileSync(path.join(RUN, 'steps', `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedStep);
}

function expectClose(actual: number, wanted: number): void {
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-5 * Math.abs(wanted));
}

const RESUME = ['--load_checkpoint', './checkpoint-step6', '--resume_training', 'True'];

describe('the run of the real MindFormers, step by step within 1e-5', () => {
  test.each([
    ['full', 1, []],
    ['resumed', 7, RESUME],
    ['resumed_bs8', 4, [...RESUME, '--options', 'runner_config.batch_size=8', 'train_dataset.batch_size=8']],
    ['resumed_bs2', 13, [...RESUME, '--batch_size', '2']],
    ['resumed_ignore', 7, [...RESUME, '--ignore_data_skip', 'True']],
    ['resumed_skip1', 7, [...RESUME, '--data_skip_steps', '1']],
  ])('%s', async (name, first, flags) => {
    const { exitCode, events, stderr } = await train(['--config', 'config.yaml', ...flags], golden());
    expect(exitCode, stderr).toBe(0);
    const steps = stepsOf(events);
    const wanted = recorded(name);
    expect(steps[0]?.step).toBe(first);
    expect(steps).toHaveLength(wanted.length);
    for (const [i, step] of steps.entries()) {
      const real = wanted[i]!;
      expectClose(step.loss, real.loss);
      expectClose(step.lr, real.lr);
      expectClose(step.globalNorm, real.global_norm);
      expect(step.overflow).toBe(real.overflow);
      // The real one forgets the window of its loss scale when it resumes (ruling 5).
      if (name === 'full') expect(step.lossScale).toBe(real.loss_scale);
    }
  });

  test('with data sinking: the same numbers, and a resume from a name', async () => {
    const folder = golden();
    const sink = ['--config', 'config.yaml', '--options', 'runner_config.sink_mode=True', 'runner_config.sink_size=2'];
    const whole = await train(sink, folder);
    expect(whole.exitCode, whole.stderr).toBe(0);
    for (const [i, step] of stepsOf(whole.events).entries()) expectClose(step.loss, recorded('full')[i]!.loss);
    const names = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'llama_tiny_rank_0-6_2.ckpt'];
    const resumed = await train([...sink, ...names], folder);
    const wanted = recorded('sinkresumed');
    expect(stepsOf(resumed.events).map(({ step }) => step)).toEqual([13, 14, 15, 16, 17, 18, 19, 20]);
    for (const [i, step] of stepsOf(resumed.events).entries()) {
      expectClose(step.loss, wanted[i]!.loss);
      expectClose(step.globalNorm, wanted[i]!.global_norm);
    }
  });
});

/** Names of the checkpoint files that MindFormers wrote, as `listing.txt` has them under a heading. */
function listed(run: string): string[] {
  const [, part = ''] = fs.readFileSync(path.join(RUN, 'listing.txt'), 'utf8').split(`# ${run}\n`);
  const lines = part.split('\n# ')[0]!.split('\n');
  return lines.flatMap((line) => /checkpoint\/rank_0\/(\S+\.ckpt)/.exec(line)?.[1] ?? []).sort();
}

async function entriesOf(file: string): Promise<readonly TensorEntry[]> {
  const source = openFile(file);
  const { entries } = await indexCheckpoint(source, 'ckpt');
  await source.close();
  return entries.filter((entry) => entry.kind === 'tensor');
}

async function floatsOf(file: string, name: string): Promise<Float32Array> {
  const source = openFile(file);
  const entry = (await entriesOf(file)).find((each) => each.name === name)!;
  const bytes = await readTensor(source, entry);
  await source.close();
  return new Float32Array(bytes.slice().buffer);
}

describe('the files are those of the real MindFormers', () => {
  test('names, size, mode, entries, types, order and values of a full checkpoint', async () => {
    const folder = golden();
    expect((await train(['--config', 'config.yaml'], folder)).exitCode).toBe(0);
    const ranks = path.join(folder, 'output/checkpoint/rank_0');
    const files = fs.readdirSync(ranks).filter((name) => name.endsWith('.ckpt'));
    expect(files.sort()).toEqual(listed('full'));
    const last = path.join(ranks, 'llama_tiny_rank_0-5_4.ckpt');
    const real = path.join(RUN, 'checkpoint-step6/rank_0/llama_tiny_rank_0-2_2.ckpt');
    const shapes = (entries: readonly TensorEntry[]): unknown[] =>
      entries.map(({ name, dtype, shape }) => [name, dtype, shape]);
    expect(shapes(await entriesOf(last))).toEqual(shapes(await entriesOf(real)));
    expect(fs.statSync(last).size).toBe(fs.statSync(real).size);
    expect(fs.statSync(last).mode & 0o777).toBe(0o400);
    const meta = '{"last_epoch": 5, "last_step": 4, "last_ckpt_file": "llama_tiny_rank_0-5_4.ckpt"}';
    expect(fs.readFileSync(path.join(ranks, 'meta.json'), 'utf8')).toBe(meta);

    const summary = JSON.parse(fs.readFileSync(path.join(RUN, 'final_state.json'), 'utf8')) as {
      name: string;
      dtype: string;
      l2: number;
      first: number[];
    }[];
    for (const { name, dtype, l2, first } of summary) {
      if (dtype !== 'Float32') continue;
      const values = await floatsOf(last, name);
      expect(Math.abs(Math.hypot(...values) - l2), name).toBeLessThanOrEqual(1e-4 * l2);
      for (const [i, value] of first.entries()) expect(Math.abs(values[i]! - value), name).toBeLessThanOrEqual(1e-4);
    }
  });

  test('the weights alone hold the entries of the real network file, in its order', async () => {
    const folder = golden();
    expect((await train(['--config', 'config.yaml'], folder)).exitCode).toBe(0);
    const ours = path.join(folder, 'output/checkpoint_network/rank_0/llama_tiny_rank_0-5_4.ckpt');
    const real = path.join(RUN, 'final/llama_tiny_rank_0-network.ckpt');
    const [mine, theirs] = [await entriesOf(ours), await entriesOf(real)];
    expect(mine.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual(
      theirs.map(({ name, dtype, shape }) => [name, dtype, shape]),
    );
    for (const { name } of theirs) {
      const [a, b] = [await floatsOf(ours, name), await floatsOf(real, name)];
      for (const [i, value] of b.entries()) expect(Math.abs(a[i]! - value), name).toBeLessThanOrEqual(1e-4);
    }
  });

  test('sunk, names count sinks', async () => {
    const folder = golden();
    const sink = ['--options', 'runner_config.sink_mode=True', 'runner_config.sink_size=2'];
    expect((await train(['--config', 'config.yaml', ...sink], folder)).exitCode).toBe(0);
    const files = fs
      .readdirSync(path.join(folder, 'output/checkpoint/rank_0'))
      .filter((name) => name.endsWith('.ckpt'));
    expect(files.sort()).toEqual(listed('sink'));
  });
});
