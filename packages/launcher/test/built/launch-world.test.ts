import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { launchWorld } from '../../dist/index.js';
import type { LaunchedWorld, RankProcess, WorldOrder } from '../../dist/index.js';

const RANK = fileURLToPath(new URL('./world-rank.mjs', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('./launch-and-wait.mjs', import.meta.url));

const never = new AbortController().signal;

function logFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-launch-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function launch(what: string, changes: Partial<WorldOrder> = {}, signal = never): Promise<LaunchedWorld> {
  const command = { command: process.execPath, args: [RANK, what], cwd: '.', input: '' };
  return launchWorld({ size: 3, command, logFolder: logFolder(), ...changes }, signal);
}

interface Said {
  readonly pid: number;
  readonly sum?: number;
}

async function firstLine({ lines }: RankProcess): Promise<Said> {
  for await (const line of lines) return JSON.parse(line) as Said;
  throw new Error('it said nothing');
}

const exits = ({ ranks }: LaunchedWorld) => Promise.all(ranks.map(({ exited }) => exited));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended and was not yet waited for is no more than its number.
    return !/^State:\tZ/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('ranks find each other, and each has its log', async () => {
  const world = await launch('2');
  expect(await Promise.all(world.ranks.map(firstLine))).toMatchObject([{ sum: 3 }, { sum: 3 }, { sum: 3 }]);
  expect(await world.ended).toBeNull();
  expect((await exits(world)).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
  const logs = world.logFiles.map((file) => fs.readFileSync(file, 'utf8'));
  expect(logs).toEqual(['rank 0 of 3\n', 'rank 1 of 3\n', 'rank 2 of 3\n']);
  const scheduler = fs.readFileSync(path.join(path.dirname(world.logFiles[0]!), 'scheduler.log'), 'utf8');
  expect(scheduler).toContain('all 3 ranks are there');
});

test('logs begin anew, or go on', async () => {
  const folder = logFolder();
  for (const keepLogs of [false, false, true]) {
    await (
      await launch('1', { size: 2, logFolder: folder, keepLogs, workerLogName: 'node' })
    ).ended;
  }
  expect(fs.readFileSync(path.join(folder, 'node_1.log'), 'utf8')).toBe('rank 1 of 2\n'.repeat(2));
});

test.each(['forever', 'alone'])('a rank that is killed stops all others (%s)', async (what) => {
  const world = await launch(what);
  const pids = await Promise.all(world.ranks.map(async (rank) => (await firstLine(rank)).pid));
  process.kill(pids[1]!, 'SIGKILL');
  expect(await world.ended).toBeNull();
  const [first, killed, third] = await exits(world);
  expect(killed).toMatchObject({ signal: 'SIGKILL', wasStopped: false });
  for (const exit of [first, third]) expect(exit!.wasStopped || exit!.exitCode === 5).toBe(true);
  expect(pids.map(isAlive)).toEqual([false, false, false]);
});

test('a rank that hangs is lost when its time is over, and is killed', async () => {
  const world = await launch('forever', { nodeTimeoutMs: 6000 });
  const pids = await Promise.all(world.ranks.map(async (rank) => (await firstLine(rank)).pid));
  process.kill(pids[2]!, 'SIGSTOP');
  expect(await world.ended).toBeNull();
  const [first, second, hanging] = await exits(world);
  expect([first, second].some((exit) => exit!.lastWords === 'rank 2 was lost: no answer in 6 seconds')).toBe(true);
  expect(hanging).toMatchObject({ signal: 'SIGKILL', wasStopped: true });
});

test.each(['forever', 'alone'])('the end of the scheduler stops all ranks (%s)', async (what) => {
  const world = await launch(what);
  const pids = await Promise.all(world.ranks.map(async (rank) => (await firstLine(rank)).pid));
  const log = path.join(path.dirname(world.logFiles[0]!), 'scheduler.log');
  process.kill(schedulerPid(log), 'SIGKILL');
  expect(await world.ended).toMatchObject({
    code: 'scheduler-lost',
    message: `the scheduler ended (SIGKILL): see ${log}`,
  });
  expect(pids.map(isAlive)).toEqual([false, false, false]);
});

test('a signal stops all ranks', async () => {
  const stop = new AbortController();
  const world = await launch('alone', {}, stop.signal);
  await Promise.all(world.ranks.map(firstLine));
  stop.abort();
  expect(await world.ended).toBeNull();
  for (const exit of await exits(world)) expect(exit).toMatchObject({ signal: 'SIGTERM', wasStopped: true });
});

test('a command that is not there ends the launch', async () => {
  const world = await launch('', { command: { command: '/nowhere', args: [], cwd: '.', input: '' } });
  await world.ended;
  await expect(world.ranks[0]!.exited).rejects.toMatchObject({ code: 'not-started' });
});

test('a port that is taken is said, with what to do', async () => {
  const world = await launch('alone', { size: 1 });
  const log = path.join(path.dirname(world.logFiles[0]!), 'scheduler.log');
  const port = Number(/listens on 127.0.0.1:(\d+)/.exec(fs.readFileSync(log, 'utf8'))?.[1]);
  await expect(launch('alone', { port })).rejects.toMatchObject({
    code: 'not-started',
    message: expect.stringMatching(
      /cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE.*choose another --master_addr or --master_port/,
    ),
  });
  process.kill(world.ranks[0]!.pid!, 'SIGKILL');
  await world.ended;
});

test.each(['forever', 'alone'])('when the launcher is killed, its ranks and the scheduler end (%s)', async (what) => {
  const folder = logFolder();
  const launcher = spawn(process.execPath, [LAUNCHER, folder, RANK, what], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const piece of launcher.stdout.setEncoding('utf8')) {
    said += String(piece);
    if (said.endsWith('\n')) break;
  }
  const pids = [...(JSON.parse(said) as number[]), schedulerPid(path.join(folder, 'scheduler.log'))];
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  launcher.kill('SIGKILL');
  await expect.poll(() => pids.map(isAlive), { timeout: 30_000 }).toEqual([false, false, false]);
});

function schedulerPid(log: string): number {
  return Number(/process (\d+): the scheduler/.exec(fs.readFileSync(log, 'utf8'))?.[1]);
}
