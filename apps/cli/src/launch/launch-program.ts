import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchWorld } from '@cairn/launcher';
import type { LaunchedProgram, LaunchedWorld, MsrunOptions, RankExit } from '@cairn/launcher';
import { interruptSignal } from '../interrupt-signal.ts';
import type { Output } from '../output.ts';
import { followLogs } from './follow-logs.ts';

const CAIRN = fileURLToPath(new URL('../../bin/cairn.js', import.meta.url));
/** Exit code when a rank failed. */
const RANK_LOST = 5;
const INTERRUPTED = 130;

/** A program that is not Cairn's run: its ranks are told by their logs and exit codes alone. */
type OtherProgram = Exclude<LaunchedProgram, { kind: 'run' }>;

/**
 * Runs a program on every rank, again as often as allowed when one fails, and shows what the ranks write.
 *
 * @returns the exit code: 0, 5 when a rank failed, 130 when a person stopped it
 */
export async function launchProgram(program: OtherProgram, options: MsrunOptions, output: Output): Promise<number> {
  const signal = interruptSignal();
  for (let attempt = 0; ; attempt++) {
    const end = await launchOnce(program, options, { output, signal, attempt });
    if (output.json) output.data(JSON.stringify(end));
    if (signal.aborted) return INTERRUPTED;
    if (end.message === null) return 0;
    const isLast = attempt >= options.maxRestarts;
    process.stderr.write(`${isLast ? 'error: ' : ''}${end.message}${isLast ? '' : ': everything is started again'}\n`);
    if (isLast) return RANK_LOST;
  }
}

/** How a launch ended. */
interface LaunchEnd {
  /** In rank order; null for one that could not be started. */
  readonly ranks: readonly { readonly exitCode: number | null; readonly signal: string | null }[];
  readonly failedRank: number | null;
  /** What went wrong; null when nothing did. */
  readonly message: string | null;
}

interface Attempt {
  readonly output: Output;
  readonly signal: AbortSignal;
  /** 0 for the first. */
  readonly attempt: number;
}

async function launchOnce(
  program: OtherProgram,
  options: MsrunOptions,
  { output, signal, attempt }: Attempt,
): Promise<LaunchEnd> {
  const world = await launchWorld(
    {
      size: options.workers,
      command: { ...commandOf(program), cwd: process.cwd(), input: '' },
      host: options.masterAddress,
      port: options.masterPort,
      logFolder: path.resolve(options.logFolder),
      workerLogName: options.workerLogName,
      keepLogs: attempt > 0,
      clusterTimeoutMs: options.clusterTimeoutMs,
      nodeTimeoutMs: options.nodeTimeoutMs,
      rankTableFile: options.rankTableFile,
    },
    signal,
  );
  const shown = world.logFiles.filter((_, rank) => options.shownLogs?.includes(rank) ?? true);
  const logs = output.json || output.quiet ? null : followLogs(shown, (line) => output.data(line));
  try {
    return await endOf(world);
  } finally {
    logs?.stop();
  }
}

function commandOf(program: OtherProgram): { readonly command: string; readonly args: readonly string[] } {
  if (program.kind === 'cairn') return { command: process.execPath, args: [CAIRN, ...program.args] };
  return { command: program.command === 'node' ? process.execPath : program.command, args: program.args };
}

async function endOf({ ranks, ended }: LaunchedWorld): Promise<LaunchEnd> {
  const failures: { readonly rank: number; readonly exit: RankExit }[] = [];
  const exits = await Promise.all(
    ranks.map(async ({ lines, exited }, rank) => {
      for await (const line of lines) void line;
      const exit = await exited;
      if (exit.exitCode !== 0) failures.push({ rank, exit });
      return { exitCode: exit.exitCode, signal: exit.signal };
    }),
  );
  const scheduler = await ended;
  const first = failures.find(({ exit }) => !exit.wasStopped);
  const message =
    scheduler?.message ?? (first === undefined ? stopped(failures.length) : lostText(first.rank, first.exit));
  return { ranks: exits, failedRank: first?.rank ?? null, message };
}

function stopped(ranks: number): string | null {
  return ranks === 0 ? null : 'the ranks were stopped';
}

function lostText(rank: number, { exitCode, signal, lastWords }: RankExit): string {
  return `rank ${rank} was lost (${signal ?? `exit code ${exitCode}`})${lastWords === '' ? '' : `: ${lastWords}`}`;
}
