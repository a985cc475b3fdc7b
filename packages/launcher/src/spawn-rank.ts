import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import fs from 'node:fs';
import type { Readable } from 'node:stream';
import { LaunchError } from './launch-error.ts';
import { guardGroup, signalGroup } from './process-group.ts';
import { rankLines } from './rank-lines.ts';

/** What is run as a rank. */
export interface RankCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Folder it runs in. */
  readonly cwd: string;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input of the rank. */
  readonly input: string;
  /** File that takes what it writes to standard output and error, at its end; this process's own output when absent. */
  readonly logFile?: string;
}

/** How a rank process ended. */
export interface RankExit {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote to standard error, 2,000 characters at most. */
  readonly lastWords: string;
  /** Whether the signal that ended it was the launcher's. */
  readonly wasStopped: boolean;
}

/** A rank that runs as a process. */
export interface RankProcess {
  /** Null when it could not be started. */
  readonly pid: number | null;
  /** What it writes to descriptor 3, line by line, from its first line on; ends with the process. Take them: a rank whose lines nobody takes waits. */
  readonly lines: AsyncIterable<string>;
  /** Rejected with a LaunchError when it could not be started. */
  readonly exited: Promise<RankExit>;
}

/** Milliseconds between asking a rank to stop and killing its process group. */
const GRACE_MS = 5000;
/** Most characters of a rank's last words. */
const LAST_WORDS = 2000;

/**
 * Starts a rank in a process group of its own, so that nothing it started outlives it: the group is killed when the rank
 * has ended, and when this process ends.
 *
 * @param signal asks it to stop (SIGTERM), and kills its whole group after a grace period of 5 seconds
 */
export function spawnRank(rank: RankCommand, signal: AbortSignal): RankProcess {
  const { command, args, cwd, env, input, logFile } = rank;
  const log = logFile === undefined ? null : fs.openSync(logFile, 'a', 0o640);
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['pipe', log ?? 'inherit', 'pipe', 'pipe'],
  });
  const { pid, stdin, stderr } = child;
  if (pid === undefined || stdin === null || stderr === null) {
    if (log !== null) fs.closeSync(log);
    return notStarted(child, command, cwd);
  }
  stdin.on('error', () => {
    // The rank died before it read its order; its exit says so.
  });
  stdin.end(input);
  const lastWords = endOf(stderr, log);
  // Descriptor 3 was opened as a pipe above.
  const told = rankLines(child.stdio[3] as Readable);
  const release = guardGroup(pid);
  const stop = stopOn(signal, pid);

  const exited = new Promise<RankExit>((resolve) => {
    child.once('exit', () => {
      // What the rank started may hold its pipes open, so it goes before they are closed.
      signalGroup(pid, 'SIGKILL');
      told.hurry();
    });
    child.once('close', (exitCode, killedBy) => {
      stop.unwatch();
      release();
      resolve({ exitCode, signal: killedBy, lastWords: lastWords(), wasStopped: stop.hasSent(killedBy) });
    });
  });
  return { pid, lines: told.lines, exited };
}

function notStarted(child: ChildProcess, command: string, cwd: string): RankProcess {
  const exited = new Promise<RankExit>((_, reject) => {
    child.once('error', (cause) => {
      const message = `${command} could not be started in ${cwd}: ${cause.message}: check that both exist`;
      reject(new LaunchError('not-started', message, command, { cause }));
    });
  });
  // Whoever awaits it gets the error, also when that is after the lines have ended.
  exited.catch(() => undefined);
  return { pid: null, lines: noLines(), exited };
}

async function* noLines(): AsyncGenerator<string> {
  // There is no process that could write any.
}

/**
 * Keeps the end of a text; gives the whole lines of it.
 *
 * @param log descriptor of a file that takes all of it, and is closed at its end
 */
function endOf(stream: Readable, log: number | null): () => string {
  let words = '';
  let more = false;
  stream.setEncoding('utf8').on('data', (text: string) => {
    if (log !== null) append(log, text);
    words += text;
    more ||= words.length > LAST_WORDS;
    words = words.slice(-LAST_WORDS);
  });
  stream.once('close', () => log !== null && fs.closeSync(log));
  return () => (more ? words.slice(words.indexOf('\n') + 1) : words).trim();
}

function append(log: number, text: string): void {
  try {
    fs.writeSync(log, text);
  } catch (error) {
    // A disk that is full takes no more of the log; the rank goes on.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** What stops a group when it is asked to. */
interface Stop {
  unwatch(): void;
  /** Whether a signal was sent by this. */
  hasSent(name: NodeJS.Signals | null): boolean;
}

/** Asks a group to stop when the signal says so, and kills it if it does not. */
function stopOn(signal: AbortSignal, group: number): Stop {
  const sent = new Set<NodeJS.Signals | null>();
  const send = (name: NodeJS.Signals): void => {
    sent.add(name);
    signalGroup(group, name);
  };
  let grace: NodeJS.Timeout | undefined;
  const stop = (): void => {
    send('SIGTERM');
    grace = setTimeout(() => send('SIGKILL'), GRACE_MS);
  };
  if (signal.aborted) stop();
  // One listener a rank: a world of many ranks is no leak.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', stop, { once: true });
  return {
    unwatch() {
      clearTimeout(grace);
      signal.removeEventListener('abort', stop);
    },
    hasSent: (name) => sent.has(name),
  };
}
