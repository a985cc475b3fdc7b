/** Runs whose ranks are processes; those run what was built. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '@cairn/config';
import { decodeEvent } from '@cairn/events';
import type { TrainingEvent } from '@cairn/events';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunOptions } from '../../src/index.ts';
import { dataFolder, stepsOf, trained, yamlOf } from '../spread-run.ts';
import type { Spread } from '../spread-run.ts';

const TWO: Spread = { dp: 2, rows: 4 };

function inputOf(spread: Spread, more = ''): ConfigInput {
  return { name: 'ranks.yaml', text: yamlOf(spread, more) };
}

/** How a run is started; `runWithRestarts` where restarts are allowed. */
type Options = Pick<RunOptions, 'cwd' | 'workers' | 'allRanks' | 'launch'> & { readonly maxRestarts?: number };

/** Sees each event with all until it, and the process that runs. */
type React = (event: TrainingEvent, all: readonly TrainingEvent[], runner: ChildProcess) => void;

const RUNNER = fileURLToPath(new URL('./start-run.mjs', import.meta.url));

/** All events of a run that a process of its own runs, as an application does. */
async function eventsOf(
  input: ConfigInput,
  options: Options,
  react: React = () => undefined,
): Promise<TrainingEvent[]> {
  const order = JSON.stringify({ input, options });
  const runner = spawn(process.execPath, [RUNNER, order], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void runner.kill('SIGKILL'));
  const events: TrainingEvent[] = [];
  for await (const line of createInterface({ input: runner.stdout })) {
    const event = decodeEvent(line);
    events.push(event);
    react(event, events, runner);
  }
  return events;
}

function pidOf(events: readonly TrainingEvent[], rank: number): number {
  const started = events.findLast((event) => event.type === 'rank-started' && event.rank === rank);
  if (started?.type !== 'rank-started') throw new Error(`rank ${rank} has not started`);
  return started.pid;
}

function pidsOf(events: readonly TrainingEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'rank-started' ? [event.pid] : []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Does something once, when the first step of a run has been taken; where `rank` is given, when that rank has told it. */
function atFirstStep(act: (all: readonly TrainingEvent[], runner: ChildProcess) => void, rank?: number): React {
  let isDone = false;
  return (event, all, runner) => {
    if (event.type !== 'step' || isDone || (rank ?? event.rank) !== event.rank) return;
    isDone = true;
    act(all, runner);
  };
}

const ENDLESS: Spread = { ...TWO, epochs: 20_000 };

describe('the stream of a run of several ranks', () => {
  test.each<[string, Spread]>([
    ['data parallel', TWO],
    ['model parallel', { mp: 2 }],
    ['two stages', { pp: 2, rows: 4, micro: 2 }],
    ['data and model parallel', { dp: 2, mp: 2, rows: 4 }],
  ])('%s: has each step once, with the very loss that ranks of one process have', async (_, spread) => {
    const cwd = await dataFolder();
    const events = await eventsOf(inputOf(spread), { cwd });
    const reporter = spread.pp === undefined ? 0 : 1;
    const expected = stepsOf((await trained(spread, await dataFolder()))[reporter]).map(({ loss }) => loss);
    expect(stepsOf(events).map(({ loss }) => loss)).toEqual(expected);
    expect(new Set(events.flatMap((event) => (event.type === 'step' ? [event.rank] : [])))).toEqual(
      new Set([reporter]),
    );
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', steps: 12, finalLoss: expected.at(-1) });
    const lines = fs.readFileSync(path.join(cwd, 'output/events.ndjson'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => decodeEvent(line))).toEqual(events);
  });

  test('begins with the run, numbers the events of each rank, and tells what each of them saved', async () => {
    const cwd = await dataFolder();
    const events = await eventsOf(inputOf(TWO), { cwd });
    expect(events[0]).toMatchObject({ type: 'run-started', worldSize: 2 });
    expect(events[0]).not.toHaveProperty('rank');
    for (const rank of [0, 1]) {
      const own = events.filter((event) => event.rank === rank);
      expect(own.map(({ rankSeq }) => rankSeq)).toEqual(own.map((_, i) => i));
      expect(own.filter(({ type }) => type === 'checkpoint-saved')).toHaveLength(3);
      expect(own[0]?.type).toBe('rank-started');
      expect(own.at(-1)).toMatchObject({ type: 'rank-exited', exitCode: 0, signal: null });
      const log = fs.readFileSync(path.join(cwd, `output/msrun_log/worker_${rank}.log`), 'utf8');
      expect(log.match(/\{ Epoch:/g)).toHaveLength(6);
      expect(log).toContain('Training Over');
    }
  });

  test('has the steps of every rank on request', async () => {
    const events = await eventsOf(inputOf({ ...TWO, epochs: 1 }), { cwd: await dataFolder(), allRanks: true });
    for (const rank of [0, 1]) expect(stepsOf(events.filter((event) => event.rank === rank))).toHaveLength(4);
  });
});

describe('a run ends, and no process of it is left, when', () => {
  test('a rank is killed', async () => {
    const react = atFirstStep((all) => process.kill(pidOf(all, 1), 'SIGKILL'), 1);
    const options = { cwd: await dataFolder(), allRanks: true };
    const events = await eventsOf(inputOf(ENDLESS), options, react);
    expect(events.at(-1)).toMatchObject({ type: 'run-failed', code: 'rank-lost', exitCode: 5, failedRank: 1 });
    expect(events.at(-1)).toMatchObject({ message: expect.stringContaining('rank 1 was lost (SIGKILL)') });
    expect(events.at(-2)).toMatchObject({
      type: 'rank-lost',
      rank: 1,
      signal: 'SIGKILL',
      lastStep: expect.any(Number),
    });
    expect(pidsOf(events).filter(isAlive)).toEqual([]);
  });

  test('a rank hangs', async () => {
    const react = atFirstStep((all) => process.kill(pidOf(all, 1), 'SIGSTOP'));
    const options = { cwd: await dataFolder(), launch: { nodeTimeoutMs: 15_000 } };
    const events = await eventsOf(inputOf(ENDLESS), options, react);
    expect(events.at(-1)).toMatchObject({
      type: 'run-failed',
      exitCode: 5,
      failedRank: 1,
      message: 'rank 1 was lost: no answer in 15 seconds',
    });
    expect(pidsOf(events).filter(isAlive)).toEqual([]);
  });

  test('its scheduler is killed', async () => {
    const cwd = await dataFolder();
    const log = path.join(cwd, 'output/msrun_log/scheduler.log');
    const react = atFirstStep(() => {
      const [, pid] = /process (\d+): the scheduler/.exec(fs.readFileSync(log, 'utf8')) ?? [];
      process.kill(Number(pid), 'SIGKILL');
    });
    const events = await eventsOf(inputOf(ENDLESS), { cwd }, react);
    expect(events.at(-1)).toMatchObject({ code: 'rank-lost', exitCode: 5, failedRank: null });
    expect(events.at(-1)).toMatchObject({ message: `the scheduler ended (SIGKILL): see ${log}` });
    expect(pidsOf(events).filter(isAlive)).toEqual([]);
  });

  test('a person stops it', async () => {
    const react = atFirstStep((_, runner) => runner.kill('SIGTERM'));
    const events = await eventsOf(inputOf(ENDLESS), { cwd: await dataFolder() }, react);
    expect(events.at(-1)).toMatchObject({ type: 'run-failed', code: 'interrupted', exitCode: 130 });
    expect(pidsOf(events).filter(isAlive)).toEqual([]);
  });

  test('the process that started it is killed', async () => {
    const react = atFirstStep((_, runner) => runner.kill('SIGKILL'));
    const events = await eventsOf(inputOf(ENDLESS), { cwd: await dataFolder() }, react);
    expect(pidsOf(events)).toHaveLength(2);
    await expect.poll(() => pidsOf(events).filter(isAlive), { timeout: 50_000 }).toEqual([]);
  });

  test('a rank finds an error of its own, whose code and words are those of the run', async () => {
    const cwd = await dataFolder();
    await eventsOf(inputOf({ ...TWO, epochs: 1 }), { cwd });
    const [file] = fs.readdirSync(path.join(cwd, 'output/checkpoint/rank_1')).filter((name) => name.endsWith('.ckpt'));
    fs.rmSync(path.join(cwd, 'output/checkpoint/rank_1', file!));
    const resume = `load_checkpoint: ./output/checkpoint\nresume_training: ${file!.replace('rank_1', 'rank_0')}\n`;
    const events = await eventsOf(inputOf({ ...TWO, epochs: 2 }, resume), { cwd });
    expect(events.at(-1)).toMatchObject({ type: 'run-failed', exitCode: 4 });
    expect(events.at(-1)).toMatchObject({ message: expect.stringContaining('rank_1') });
  });

  test.each([
    [3, 'parallel_config: data_parallel 2 .* is 2 ranks, there are 3'],
    [1, 'is 2 ranks, there are 1'],
  ])('%d ranks are asked for, and it is of another number', async (workers, message) => {
    const events = await eventsOf(inputOf(TWO), { cwd: await dataFolder(), workers });
    expect(events).toMatchObject([{ type: 'run-failed', exitCode: 2, message: expect.stringMatching(message) }]);
  });
});

describe('a run that may start again', () => {
  test('goes on from what it saved when a rank was lost, and ends as it would have', async () => {
    const cwd = await dataFolder();
    const long: Spread = { ...TWO, epochs: 20 };
    let isKilled = false;
    const events = await eventsOf(inputOf(long), { cwd, maxRestarts: 1 }, (event, all) => {
      if (event.type !== 'step' || event.step !== 7 || isKilled) return;
      isKilled = true;
      process.kill(pidOf(all, 1), 'SIGKILL');
    });
    const [first, second] = [...new Set(events.map(({ runId }) => runId))];
    expect(events.find((event) => event.runId === second)).toMatchObject({ type: 'run-started', parentRun: first });
    expect(events.find(({ type }) => type === 'resume-decided')).toMatchObject({ step: expect.any(Number) });
    const expected = stepsOf((await trained(long, await dataFolder()))[0]);
    const found = new Map(stepsOf(events).map(({ step, loss }) => [step, loss]));
    expect([...found.values()]).toEqual(expected.map(({ loss }) => loss));
    expect(events.at(-1)).toMatchObject({ type: 'run-finished', finalLoss: expected.at(-1)?.loss });
  });

  test('begins anew when it had saved nothing, as often as it may', async () => {
    const cwd = await dataFolder();
    const events = await eventsOf(inputOf(ENDLESS), { cwd, maxRestarts: 1 }, (event, all) => {
      if (event.type === 'step' && event.step === 1) process.kill(pidOf(all, 0), 'SIGKILL');
    });
    const begun = events.filter(({ type }) => type === 'run-started');
    expect(begun).toHaveLength(2);
    expect(begun[1]).toMatchObject({ parentRun: null });
    expect(events.at(-1)).toMatchObject({ type: 'run-failed', exitCode: 5, failedRank: 0 });
  });

  test('does not when the failure is its own', async () => {
    const missing = 'load_checkpoint: ./nowhere\nresume_training: True\n';
    const events = await eventsOf(inputOf({ ...TWO, epochs: 1 }, missing), { cwd: await dataFolder(), maxRestarts: 3 });
    expect(events.filter(({ type }) => type === 'run-failed')).toMatchObject([{ exitCode: 3 }]);
  });
});
