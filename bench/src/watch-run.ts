import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decodeEvent } from '@cairn/events';
import type { Step, TrainingEvent } from '@cairn/events';

/** The built command. */
export const CAIRN: string = fileURLToPath(new URL('../../apps/cli/bin/cairn.js', import.meta.url));

/** What was seen of a run. */
export interface WatchedRun {
  readonly events: readonly TrainingEvent[];
  readonly steps: readonly Step[];
  /** From the start of the process to its first step. */
  readonly firstStepMs: number;
  /** Largest resident memory of the process. */
  readonly peakBytes: number;
}

/** Runs `cairn run` for some steps, or until an event of a type, then kills it. */
export async function watchRun(
  flags: readonly string[],
  cwd: string,
  until: number | TrainingEvent['type'],
): Promise<WatchedRun> {
  const begin = performance.now();
  const child = spawn(process.execPath, [CAIRN, 'run', '--json', '--quiet', ...flags], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const events: TrainingEvent[] = [];
  const steps: Step[] = [];
  let firstStepMs = NaN;
  let peakBytes = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const event = decodeEvent(line);
    events.push(event);
    if (event.type === 'run-failed') throw new Error(event.message);
    if (event.type === until) break;
    if (event.type !== 'step') continue;
    if (steps.length === 0) firstStepMs = performance.now() - begin;
    steps.push(event);
    peakBytes = peakOf(child.pid ?? 0);
    if (steps.length === until) break;
  }
  child.kill('SIGKILL');
  return { events, steps, firstStepMs, peakBytes };
}

/** The high-water mark Linux keeps of a process's resident memory; 0 when it is gone. */
export function peakOf(pid: number): number {
  const file = `/proc/${pid}/status`;
  const status = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
