import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeEvent } from '@cairn/events';
import type { Step, TrainingEvent } from '@cairn/events';
import { onTestFinished } from 'vitest';

/** The built command. */
export const CAIRN: string = fileURLToPath(new URL('../../apps/cli/bin/cairn.js', import.meta.url));

/** Data of the real packages. */
export const GOLDEN: string = fileURLToPath(new URL('../golden', import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command. */
export function start(args: readonly string[], cwd: string): { child: ChildProcess; ended: Promise<Ended> } {
  const { FORCE_COLOR: _forced, ...env } = process.env;
  const child = spawn(process.execPath, [CAIRN, ...args], { cwd, env: { ...env, NO_COLOR: '1' } });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, ...said }));
  });
  return { child, ended };
}

/** Runs the built command to its end. */
export function cairn(args: readonly string[], cwd: string): Promise<Ended> {
  return start(args, cwd).ended;
}

/** Runs `cairn run --json` to its end, with its events. */
export async function train(args: readonly string[], cwd: string): Promise<Ended & { events: TrainingEvent[] }> {
  const ended = await cairn(['run', '--json', '--quiet', ...args], cwd);
  return { ...ended, events: eventsOf(ended.stdout) };
}

/** Runs `cairn launch --json` to its end, with the merged events of the ranks. */
export async function launch(
  args: readonly string[],
  ranks: number,
  cwd: string,
): Promise<Ended & { events: TrainingEvent[] }> {
  const ended = await cairn(['launch', '--json', '--quiet', `run ${args.join(' ')}`, String(ranks)], cwd);
  return { ...ended, events: eventsOf(ended.stdout) };
}

/** Lines of a record as events. */
export function eventsOf(text: string): TrainingEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => decodeEvent(line));
}

/** The steps among events. */
export function stepsOf(events: readonly TrainingEvent[]): Step[] {
  return events.filter((event) => event.type === 'step');
}

/** An empty folder that is gone after the test. */
export function workFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}
