import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrainingEvent } from '@cairn/events';
import type { Finding } from './measure.ts';
import { watchRun } from './watch-run.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/llama-2layer/', import.meta.url));
const ROUNDS = 4;
const MONITOR = '--callbacks.[CheckpointMonitor]';

/** What checkpoints in the background save: a load beside compilation, a save beside training; 470 MB each. */
export async function asyncCheckpoint(): Promise<readonly Finding[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
  spawnSync(process.execPath, [path.join(EXAMPLE, 'make-data.mjs'), path.join(folder, 'data')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const config = ['--config', path.join(EXAMPLE, 'train.yaml')];
  const [saves, loads]: [Ways, Ways] = [
    { waiting: [], free: [] },
    { waiting: [], free: [] },
  ];
  const ways = ['free', 'waiting'] as const;
  for (let round = 0; round < ROUNDS; round++) {
    for (const way of ways) {
      fs.rmSync(path.join(folder, 'output'), { recursive: true, force: true });
      const save = [`${MONITOR}.save_checkpoint_steps`, '2', `${MONITOR}.async_save`, flagOf(way)];
      saves[way].push(pauseMs((await watchRun([...config, ...save], folder, 3)).events));
    }
    // The last of these has waited for its save, so there is one.
    for (const way of ways) {
      const from = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'True', '--output_dir', './again'];
      const load = [...config, ...from, '--load_ckpt_async', flagOf(way)];
      const { events } = await watchRun(load, folder, 'checkpoint-loaded');
      loads[way].push(betweenMs(events, 'compile-started', 'checkpoint-loaded'));
    }
  }
  fs.rmSync(folder, { recursive: true, force: true });
  return [
    told('load_ckpt_async: compiled and loaded, beside one after the other', loads),
    told('async_save: what a save adds between two steps, beside waiting for it', saves),
  ];
}

/** Milliseconds of rounds in which a checkpoint was waited for, and was not. */
interface Ways {
  readonly waiting: number[];
  readonly free: number[];
}

function flagOf(way: keyof Ways): string {
  return way === 'free' ? 'True' : 'False';
}

/** Of each the least: whatever else runs on the machine only adds to it. */
function told(what: string, { waiting, free }: Ways): Finding {
  const [mine, others] = [Math.min(...free), Math.min(...waiting)];
  const value = `${(mine / others).toFixed(2)} × (${mine.toFixed(0)} of ${others.toFixed(0)} ms)`;
  return { what, value, bound: 'less than 1 ×', holds: mine < others };
}

/** From the first event of a type to the first of another. */
function betweenMs(events: readonly TrainingEvent[], from: TrainingEvent['type'], to: TrainingEvent['type']): number {
  const at = (type: TrainingEvent['type']): number => events.find((event) => event.type === type)?.atMs ?? NaN;
  return at(to) - at(from);
}

/** The time from the first save to the next step, which begins when training goes on. */
function pauseMs(events: readonly TrainingEvent[]): number {
  const save = events.findIndex(({ type }) => type === 'checkpoint-saving');
  const next = events.slice(save).find((event) => event.type === 'step');
  return (next?.atMs ?? NaN) - (events[save]?.atMs ?? NaN) - (next?.stepMs ?? NaN);
}
