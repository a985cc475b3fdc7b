import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { LaunchError } from './launch-error.ts';
import { guardGroup } from './process-group.ts';

/** What a scheduler is told on its standard input. */
export interface SchedulerOrder {
  readonly host: string;
  /** 0 = any that is free. */
  readonly port: number;
  readonly size: number;
  readonly key: string;
  /** Null = for ever. */
  readonly clusterTimeoutMs: number | null;
}

/** What a scheduler says when it listens, or cannot. */
export type SchedulerAnswer = { readonly port: number } | { readonly why: string };

/** The process in which the ranks of a world find each other. */
export interface Scheduler {
  readonly pid: number;
  readonly port: number;
  readonly key: string;
  /** Has it kill a process group if this process ends without releasing it. @returns releases it */
  guard(group: number): () => void;
  /** When it ended before it was closed. */
  readonly lost: Promise<LaunchError>;
  close(): void;
}

const PROGRAM = fileURLToPath(new URL('./scheduler-main.js', import.meta.url));

/**
 * Starts a scheduler.
 *
 * @param order   what it is told, but for the key, which is new
 * @param logFile takes what it says
 * @throws LaunchError when it cannot listen
 */
export async function startScheduler(order: Omit<SchedulerOrder, 'key'>, logFile: string): Promise<Scheduler> {
  const key = randomBytes(16).toString('hex');
  const log = fs.openSync(logFile, 'a', 0o640);
  const child = spawn(process.execPath, [PROGRAM], { detached: true, stdio: ['pipe', log, log, 'pipe'] });
  fs.closeSync(log);
  const { pid, stdin } = child;
  let isClosed = false;
  const lost = new Promise<LaunchError>((resolve) => {
    const end = (how: string): void => {
      release();
      const message = `the scheduler ended (${how}): see ${logFile}`;
      if (!isClosed) resolve(new LaunchError('scheduler-lost', message, PROGRAM));
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  const release = pid === undefined ? () => undefined : guardGroup(pid);
  stdin?.on('error', () => {
    // It is gone; its end says so.
  });
  const tell = (line: string): void => void stdin?.write(`${line}\n`);
  tell(JSON.stringify({ ...order, key }));
  // Descriptor 3 was opened as a pipe above.
  const answer = await Promise.race([firstAnswer(child.stdio[3] as Readable), lost]);
  if (answer instanceof LaunchError || !('port' in answer) || pid === undefined) {
    stdin?.end();
    throw answer instanceof LaunchError ? answer : cannotListen(order, answer);
  }
  return {
    pid,
    port: answer.port,
    key,
    guard(group) {
      tell(`guard ${group}`);
      return () => tell(`release ${group}`);
    },
    lost,
    close() {
      isClosed = true;
      stdin?.end();
    },
  };
}

async function firstAnswer(answers: Readable): Promise<SchedulerAnswer> {
  for await (const line of createInterface({ input: answers })) {
    // Written by scheduler-main.ts.
    return JSON.parse(line) as SchedulerAnswer;
  }
  return new Promise(() => undefined);
}

function cannotListen({ host, port }: { host: string; port: number }, answer: SchedulerAnswer): LaunchError {
  const why = 'why' in answer ? answer.why : 'it did not start';
  return new LaunchError(
    'not-started',
    `the scheduler cannot listen on ${host}:${port}: ${why}: choose another --master_addr or --master_port`,
    PROGRAM,
  );
}
