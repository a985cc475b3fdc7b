import fs from 'node:fs';
import path from 'node:path';
import { freePort } from './free-port.ts';
import type { LaunchError } from './launch-error.ts';
import { rankEnvironment } from './rank-environment.ts';
import { spawnRank } from './spawn-rank.ts';
import type { RankCommand, RankProcess } from './spawn-rank.ts';
import { startScheduler } from './start-scheduler.ts';
import type { Scheduler } from './start-scheduler.ts';

/** A world that is to be launched on this host. */
export interface WorldOrder {
  readonly size: number;
  /** What each rank runs; its place is added to the environment. */
  readonly command: RankCommand;
  /** Where the scheduler listens; 127.0.0.1 when absent. */
  readonly host?: string;
  /** Port of the scheduler; any that is free when absent. */
  readonly port?: number | null;
  /** Folder of the logs. */
  readonly logFolder: string;
  /** Name of the ranks' logs before their number; `worker` when absent. */
  readonly workerLogName?: string;
  /** Whether logs that are there go on; else they begin anew. */
  readonly keepLogs?: boolean;
  /** Milliseconds until all ranks have found each other; ten minutes when absent. */
  readonly clusterTimeoutMs?: number;
  /** Milliseconds that a rank may keep the others waiting; ten minutes when absent. */
  readonly nodeTimeoutMs?: number;
  readonly rankTableFile?: string | null;
}

/** A world whose ranks are processes of this host. */
export interface LaunchedWorld {
  /** In rank order. */
  readonly ranks: readonly RankProcess[];
  /** Logs of the ranks, in rank order. */
  readonly logFiles: readonly string[];
  /** When all ranks have ended; says whether the scheduler ended before them. */
  readonly ended: Promise<LaunchError | null>;
}

const TEN_MINUTES_MS = 600_000;

/**
 * Starts a scheduler and all ranks of a world. The first rank that fails, and the end of the scheduler, stop all others;
 * when this process is gone, however that comes, they are killed.
 *
 * @param signal stops all ranks
 * @throws LaunchError when the scheduler cannot listen
 */
export async function launchWorld(order: WorldOrder, signal: AbortSignal): Promise<LaunchedWorld> {
  const { size, host = '127.0.0.1', logFolder, workerLogName = 'worker', clusterTimeoutMs = TEN_MINUTES_MS } = order;
  fs.mkdirSync(logFolder, { recursive: true, mode: 0o750 });
  const logFiles = Array.from({ length: size }, (_, rank) => path.join(logFolder, `${workerLogName}_${rank}.log`));
  const schedulerLog = path.join(logFolder, 'scheduler.log');
  if (order.keepLogs !== true)
    for (const file of [...logFiles, schedulerLog]) fs.writeFileSync(file, '', { mode: 0o640 });
  const finite = clusterTimeoutMs === Infinity ? null : clusterTimeoutMs;
  const scheduler = await startScheduler({ host, port: order.port ?? 0, size, clusterTimeoutMs: finite }, schedulerLog);
  const stop = new AbortController();
  const stopAll = (): void => stop.abort();
  signal.addEventListener('abort', stopAll, { once: true });
  if (signal.aborted) stopAll();
  const environment = await environments(order, scheduler);
  const ranks = logFiles.map((logFile, rank) => {
    const { command } = order;
    return spawnRank({ ...command, logFile, env: { ...command.env, ...environment(rank) } }, stop.signal);
  });
  const watched = ranks.map((rank) => watch(rank, scheduler, stopAll));
  let lost: LaunchError | null = null;
  void scheduler.lost.then((error) => {
    lost = error;
    stopAll();
    return error;
  });
  const ended = Promise.all(watched).then(() => {
    signal.removeEventListener('abort', stopAll);
    scheduler.close();
    return lost;
  });
  return { ranks, logFiles, ended };
}

/** The environment of each rank. */
async function environments(
  order: WorldOrder,
  scheduler: Scheduler,
): Promise<(rank: number) => Record<string, string>> {
  const { size, host = '127.0.0.1', rankTableFile = null } = order;
  const { clusterTimeoutMs = TEN_MINUTES_MS, nodeTimeoutMs = TEN_MINUTES_MS } = order;
  const surroundings = { masterPort: await freePort(host), rankTableFile };
  const { port, key } = scheduler;
  return (rank) =>
    rankEnvironment({ rank, size, scheduler: { host, port }, key, clusterTimeoutMs, nodeTimeoutMs }, surroundings);
}

/** @returns when the rank has ended */
async function watch({ pid, exited }: RankProcess, scheduler: Scheduler, stopAll: () => void): Promise<void> {
  const release = pid === null ? () => undefined : scheduler.guard(pid);
  try {
    const { exitCode } = await exited;
    if (exitCode !== 0) stopAll();
  } catch {
    // It could not be started, which whoever awaits it is told.
    stopAll();
  } finally {
    release();
  }
}
