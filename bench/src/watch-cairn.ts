import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { timeOf } from './measure.ts';
import { CAIRN } from './watch-run.ts';

/** How often the memory of a process is looked at. */
const LOOK_MS = 20;

/**
 * Runs the built command to its end.
 *
 * @returns what it took: time from start to end, and the largest resident memory
 */
export async function watchCairn(
  words: readonly string[],
  cwd: string,
): Promise<{ readonly ms: number; readonly peakBytes: number }> {
  let peakBytes = 0;
  const ms = await timeOf(async () => {
    const child = spawn(process.execPath, [CAIRN, ...words], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    const look = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0))), LOOK_MS);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    clearInterval(look);
    if (code !== 0) throw new Error(`cairn ${words.join(' ')} ended with exit code ${String(code)}`);
  });
  return { ms, peakBytes };
}

/** The high-water mark Linux keeps of a process's resident memory; 0 once it has ended. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
