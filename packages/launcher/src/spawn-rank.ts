import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface RankCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input of the rank. */
  readonly input: string;
}

/** How a rank process ended. */
export interface RankExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote to standard error. */
  readonly lastWords: string;
}

/** A rank that runs as a process. */
export interface RankProcess {
  readonly pid: number;
  /** What it writes to descriptor 3, line by line; ends with the process. */
  readonly lines: AsyncIterable<string>;
  readonly exited: Promise<RankExit>;
}

/** Milliseconds between asking a rank to stop and killing its process group. */
const GRACE_MS = 5000;
/** Most characters of a rank's last words. */
const LAST_WORDS = 2000;

/**
 * Starts a rank in a process group of its own, so that nothing it started outlives it.
 *
 * @param signal asks it to stop (SIGTERM), and kills its whole group after a grace period
 */
export function spawnRank({ command, args, cwd, env, input }: RankCommand, signal: AbortSignal): RankProcess {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['pipe', 'inherit', 'pipe', 'pipe'],
  });
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS);
  });
  child.stdin?.on('error', () => {
    // The rank died before it read its order; its exit says so.
  });
  child.stdin?.end(input);
  const kill = (name: NodeJS.Signals): void => killGroup(child.pid, name);
  let grace: NodeJS.Timeout | undefined;
  const stop = (): void => {
    kill('SIGTERM');
    grace = setTimeout(() => kill('SIGKILL'), GRACE_MS);
  };
  const orphan = (): void => kill('SIGKILL');
  process.once('exit', orphan);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });

  const exited = new Promise<RankExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, killedBy) => {
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
      process.removeListener('exit', orphan);
      kill('SIGKILL');
      resolve({ exitCode, signal: killedBy, lastWords: words.trim() });
    });
  });
  // Descriptor 3 was opened as a pipe above.
  const lines = createInterface({ input: child.stdio[3] as Readable, crlfDelay: Infinity });
  return { pid: child.pid ?? 0, lines, exited };
}

/** Signals a process group; one that is gone already is no error. */
function killGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
