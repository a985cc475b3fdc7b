/** The documents' distributed cases, with the built command and real processes. */
import fs from 'node:fs';
import path from 'node:path';
import type { Step, TrainingEvent } from '@cairn/events';
import { describe, expect, test } from 'vitest';
import { documentFolder, writeRows } from './document-run.ts';
import { cairn, launch, stepsOf, train } from './run-cairn.ts';

const RUN = ['--config', 'run.yaml', '--use_parallel', 'True'];

/** Flags that spread the documents' run; a step has 4 rows however it is. */
interface Spread {
  readonly dp?: number;
  readonly mp?: number;
  readonly pp?: number;
  /** Rows of a micro batch on one data-parallel rank. */
  readonly rows?: number;
  readonly micro?: number;
  readonly more?: readonly string[];
}

function ranksOf({ dp = 1, mp = 1, pp = 1 }: Spread): number {
  return dp * mp * pp;
}

function flagsOf({ dp = 1, mp = 1, pp = 1, rows = 4, micro = 1, more = [] }: Spread): string[] {
  const spread = { data_parallel: dp, model_parallel: mp, pipeline_stage: pp, micro_batch_num: micro };
  const keys = Object.entries(spread).flatMap(([key, value]) => [`--parallel_config.${key}`, String(value)]);
  return [...RUN, ...keys, '--runner_config.batch_size', String(rows), ...more];
}

/** Case 3 of the documents: four ranks, two of them for each of two stages. */
const CASE_3: Spread = { mp: 2, pp: 2, rows: 2, micro: 2 };

function bits(steps: readonly Step[]): unknown[] {
  return steps.map(({ step, loss, lr, lossScale, overflow, globalNorm }) => [
    step,
    loss,
    lr,
    lossScale,
    overflow,
    globalNorm,
  ]);
}

function startedFrom(events: readonly TrainingEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'resume-decided' ? [path.basename(event.from ?? '')] : []));
}

/** Removes what a run saved after a step, so that the save of that step is the newest. */
function onlyUpTo(checkpoint: string, epoch: number, saves: readonly number[]): void {
  for (const rank of fs.readdirSync(checkpoint)) {
    const folder = path.join(checkpoint, rank);
    for (const file of fs.readdirSync(folder)) {
      const [, at = ''] = /-(\d+)_2\.ckpt/.exec(file) ?? [];
      if (at !== '' && Number(at) > epoch) fs.rmSync(path.join(folder, file));
    }
    const name = fs.readdirSync(folder).find((file) => file.endsWith(`-${epoch}_2.ckpt`));
    const meta = { last_epoch: epoch, last_step: 2, last_ckpt_file: name };
    fs.writeFileSync(path.join(folder, 'meta.json'), JSON.stringify(meta));
    expect(fs.readdirSync(folder).filter((file) => file.endsWith('.ckpt'))).toHaveLength(saves.length);
  }
}

test('case 3: resumed from 12_2, and from 9_2 when rank 3 lost 12_2, the losses are those of the run that did not stop', async () => {
  const folder = await documentFolder();
  const whole = await launch(flagsOf(CASE_3), 4, folder);
  expect(whole.exitCode, whole.stderr).toBe(0);
  const steps = stepsOf(whole.events);
  expect(steps).toHaveLength(50);

  const named = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'llama_7b_rank_0-12_2.ckpt'];
  const resumed = await launch([...flagsOf(CASE_3), ...named, '--output_dir', './named'], 4, folder);
  expect(resumed.exitCode, resumed.stderr).toBe(0);
  expect(bits(stepsOf(resumed.events))).toEqual(bits(steps.slice(24)));

  const copy = path.join(folder, 'copy');
  fs.cpSync(path.join(folder, 'output/checkpoint'), copy, { recursive: true });
  onlyUpTo(copy, 12, [3, 6, 9, 12]);
  fs.rmSync(path.join(copy, 'rank_3/llama_7b_rank_3-12_2.ckpt'));
  const newest = ['--load_checkpoint', './copy', '--resume_training', 'True', '--output_dir', './fallback'];
  const fallen = await launch([...flagsOf(CASE_3), ...newest], 4, folder);
  expect(fallen.exitCode, fallen.stderr).toBe(0);
  expect(bits(stepsOf(fallen.events))).toEqual(bits(steps.slice(18)));
  const [decided] = fallen.events.filter((event) => event.type === 'resume-decided');
  expect(decided?.reasons).toContainEqual(
    expect.objectContaining({ rank: 3, file: 'llama_7b_rank_3-12_2.ckpt', verdict: 'rejected' }),
  );
});

test('the documents’ four saves: whole, the first line is of step 42; without rank 3’s last, of step 32', async () => {
  const folder = await documentFolder();
  const saving = [
    '--callbacks.[CheckpointMonitor].save_checkpoint_steps',
    '10',
    '--callbacks.[CheckpointMonitor].keep_checkpoint_max',
    '3',
  ];
  const flags = flagsOf({ ...CASE_3, more: saving });
  const four = await launch([...flags, '--runner_config.epochs', '4'], 4, folder);
  expect(four.exitCode, four.stderr).toBe(0);
  const saved = fs.readdirSync(path.join(folder, 'output/checkpoint/rank_0')).filter((name) => name.endsWith('.ckpt'));
  expect(saved.toSorted()).toEqual(['10_2', '15_2', '20_2'].map((at) => `llama_7b_rank_0-${at}.ckpt`));
  const first = async (output: string): Promise<readonly [string[], string | undefined]> => {
    const resume = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'True', '--output_dir', output];
    const { events } = await launch([...flags, ...resume], 4, folder);
    const log = fs.readFileSync(path.join(folder, 'output/msrun_log/worker_3.log'), 'utf8');
    return [startedFrom(events), /step:\[ *(\d+\/ *\d+)\]/.exec(log)?.[1]];
  };
  expect(await first('./whole')).toEqual([['llama_7b_rank_0-20_2.ckpt'], '2/   10']);
  fs.rmSync(path.join(folder, 'output/checkpoint/rank_3/llama_7b_rank_3-20_2.ckpt'));
  expect(await first('./fallback')).toEqual([['llama_7b_rank_0-15_2.ckpt'], '2/   10']);
});

describe('fifty steps however they are spread', () => {
  const worlds: readonly [string, Spread][] = [
    ['dp2 mp2 pp2', { dp: 2, mp: 2, pp: 2, rows: 1, micro: 2 }],
    ['dp1 mp2 pp2', CASE_3],
    ['dp4', { dp: 4, rows: 1 }],
    ['mp4', { mp: 4 }],
    ['pp2', { pp: 2, rows: 2, micro: 2 }],
    ['dp4, optimizer parallel', { dp: 4, rows: 1, more: ['--parallel.enable_parallel_optimizer', 'True'] }],
    ['dp2, interleaved', { dp: 2, rows: 1, more: ['--micro_batch_interleave_num', '2'] }],
  ];
  let alone: Promise<{ readonly events: readonly TrainingEvent[] }> | undefined;

  test.each(worlds)('%s: the losses of one rank', async (_name, spread) => {
    const folder = await documentFolder();
    alone ??= train(['--config', 'run.yaml'], await documentFolder());
    const ranks = await launch(flagsOf(spread), ranksOf(spread), folder);
    expect(ranks.exitCode, ranks.stderr).toBe(0);
    const expected = stepsOf((await alone).events);
    const found = stepsOf(ranks.events);
    expect(found).toHaveLength(50);
    const apart = expected.map(({ loss }, i) => Math.abs(loss - (found[i]?.loss ?? NaN)) / loss);
    expect(Math.max(...apart)).toBeLessThan(1e-5);
  });
});

test('only_save_strategy writes each rank’s strategy and the merged one, and ends', async () => {
  const folder = await documentFolder();
  const ended = await launch([...flagsOf(CASE_3), '--only_save_strategy', 'True'], 4, folder);
  expect(ended.exitCode, ended.stderr).toBe(0);
  const ranks = [0, 1, 2, 3].map((rank) => `ckpt_strategy_rank_${rank}.ckpt`);
  expect(fs.readdirSync(path.join(folder, 'output/strategy')).toSorted()).toEqual([
    ...ranks,
    'merged_ckpt_strategy.ckpt',
  ]);
  expect(fs.existsSync(path.join(folder, 'output/checkpoint'))).toBe(false);
  await cairn(['strategy', 'merge', 'output/strategy', 'again.ckpt'], folder);
  const merged = fs.readFileSync(path.join(folder, 'output/strategy/merged_ckpt_strategy.ckpt'));
  expect(fs.readFileSync(path.join(folder, 'again.ckpt')).equals(merged)).toBe(true);
});

test('ranks at different steps are refused, unless each was to take its last by time', async () => {
  const folder = await documentFolder();
  const spread: Spread = { dp: 2, rows: 2 };
  await launch([...flagsOf(spread), '--runner_config.epochs', '2'], 2, folder);
  for (const file of ['llama_7b_rank_1-9_2.ckpt', 'llama_7b_rank_1-10_2.ckpt']) {
    fs.rmSync(path.join(folder, 'output/checkpoint/rank_1', file));
  }
  const named = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'llama_7b_rank_0-9_2'];
  const strict = await launch([...flagsOf(spread), ...named], 2, folder);
  expect(strict.exitCode).toBe(4);
  expect(strict.stderr).toContain('rank 1');
  const byTime = [
    '--load_checkpoint',
    './output/checkpoint',
    '--resume_training',
    'True',
    '--resume_by_last_timestamp_ckpt',
    'True',
  ];
  const loose = await launch([...flagsOf(spread), ...byTime, '--output_dir', './loose'], 2, folder);
  expect(loose.exitCode, loose.stderr).toBe(0);
  const warned = loose.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  expect(warned.join('\n')).toContain('rank 0 at step 20, rank 1 at step 12');
  expect(stepsOf(loose.events)[0]?.step).toBe(13);
});

test('many ranks resume with data sinking only', async () => {
  const folder = await documentFolder();
  const spread: Spread = { dp: 2, rows: 2, more: ['--options', 'runner_config.sink_mode=False'] };
  await launch([...flagsOf(spread), '--runner_config.epochs', '1'], 2, folder);
  const resume = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'True'];
  const ended = await launch([...flagsOf(spread), ...resume], 2, folder);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toContain('sink_mode');
});

describe('resumed after 20 of 50 steps with other data or another batch size', () => {
  const spread: Spread = { dp: 2, rows: 2 };
  const resume = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'True', '--output_dir', './again'];
  const other = ['--train_dataset_dir', './other'];
  /** What is skipped of the data, the first step, and the rows behind it. */
  const ways: readonly [string, number, readonly string[], { skip: number; step: number; samples: number }][] = [
    [
      'scenario 1: new data from its first row',
      2,
      [...other, '--ignore_data_skip', 'True'],
      { skip: 0, step: 21, samples: 84 },
    ],
    [
      'scenario 2: two steps of the new data are behind',
      2,
      [...other, '--data_skip_steps', '2'],
      { skip: 2, step: 21, samples: 84 },
    ],
    [
      'scenario 3: twice the batch, one step behind',
      4,
      [...other, '--data_skip_steps', '1'],
      { skip: 1, step: 11, samples: 88 },
    ],
    ['twice the batch', 4, [], { skip: 10, step: 11, samples: 88 }],
    ['half the batch', 1, [], { skip: 40, step: 41, samples: 82 }],
  ];

  test.each(ways)('%s', async (_name, rows, more, expected) => {
    const folder = await documentFolder();
    await writeRows(path.join(folder, 'other'), 80);
    await launch([...flagsOf(spread), '--runner_config.epochs', '2'], 2, folder);
    const resumed = await launch([...flagsOf({ ...spread, rows }), ...resume, ...more], 2, folder);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    const [skipped] = resumed.events.filter((event) => event.type === 'data-skipped');
    const [first] = stepsOf(resumed.events);
    expect({ skip: skipped?.steps, step: first?.step, samples: first?.samples }).toEqual(expected);
    if (more.length === 0) expect(skipped).toMatchObject({ repeated: 0, leftOut: 0 });
  });
});
