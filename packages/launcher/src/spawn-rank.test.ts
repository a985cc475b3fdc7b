import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { RankCommand, RankProcess } from './spawn-rank.ts';
import { spawnRank } from './spawn-rank.ts';

/** A rank that runs a script; `say(text)` writes to descriptor 3 as ranks do. */
function rankOf(script: string, changes: Partial<RankCommand> = {}): RankCommand {
  const code = `const fs = require('node:fs'); const say = (text) => fs.writeSync(3, text); ${script}`;
  return { command: process.execPath, args: ['--eval', code], cwd: '.', input: '', ...changes };
}

const never = new AbortController().signal;

async function heard({ lines }: RankProcess): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

async function run(script: string, changes: Partial<RankCommand> = {}) {
  const rank = spawnRank(rankOf(script, changes), never);
  const lines = await heard(rank);
  return { lines, ...(await rank.exited) };
}

/** Waits for the first line, gives the rest. */
async function afterFirst(rank: RankProcess): Promise<AsyncIterator<string>> {
  const rest = rank.lines[Symbol.asyncIterator]();
  await rest.next();
  return rest;
}

afterEach(() => {
  vi.useRealTimers();
});

test('a rank gets its order, its folder and its environment, and tells its exit code', async () => {
  const script = `
    say(fs.readFileSync(0, 'utf8') + '\\n' + process.cwd() + '\\n' + process.env.RANK_ID + ' ' + (process.env.PATH === undefined) + '\\n');
    process.exitCode = 7;
  `;
  const ended = await run(script, { cwd: '/', input: 'an order', env: { RANK_ID: '3' } });
  expect(ended).toEqual({
    lines: ['an order', '/', '3 false'],
    exitCode: 7,
    signal: null,
    lastWords: '',
    wasStopped: false,
  });
});

describe('lines', () => {
  test('written before the rank kills itself arrive, the one it was writing does not', async () => {
    const script = `
      for (let i = 0; i < 2000; i++) say('line ' + i + '\\n');
      say('{"half a li');
      process.kill(process.pid, 'SIGKILL');
    `;
    const { lines, exitCode, signal } = await run(script);
    expect(lines).toEqual(Array.from({ length: 2000 }, (_, i) => `line ${i}`));
    expect([exitCode, signal]).toEqual([null, 'SIGKILL']);
  });

  test('are kept for those who come late, also more than a pipe holds', async () => {
    const script = `for (let i = 0; i < 300; i++) say(String(i).padEnd(200) + '\\n')`;
    const rank = spawnRank(rankOf(script), never);
    await rank.exited;
    expect((await heard(rank)).map(Number)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  test('that nobody wants any more do not hold the rank up', async () => {
    const script = `
      const many = Array.from({ length: 300 }, (_, i) => String(i).padEnd(200) + '\\n').join('');
      for (let i = 0; i < 20; i++) say(many);
      process.exitCode = 3;
    `;
    const rank = spawnRank(rankOf(script), never);
    for await (const line of rank.lines) if (line.startsWith('1 ')) break;
    expect(await rank.exited).toMatchObject({ exitCode: 3 });
  });

  test('of many millions of characters are whole', async () => {
    const script = `
      const text = Buffer.from('x'.repeat(5_000_000) + '\\n');
      for (let at = 0; at < text.length; ) at += fs.writeSync(3, text, at);
    `;
    const { lines } = await run(script);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toHaveLength(5_000_000);
  });

  test('end only at a newline: JSON leaves the other line ends of Unicode as they are', async () => {
    const message = JSON.stringify({ message: 'a\u2028b\u2029c\u0085d' });
    const { lines } = await run(`say(${JSON.stringify(message)} + '\\n')`);
    expect(lines).toEqual([message]);
  });

  test('are put together from the pieces of a character, and what is no UTF-8 is marked', async () => {
    const script = `
      const rock = Buffer.from('\u{1faa8}');
      fs.writeSync(3, rock.subarray(0, 2));
      setImmediate(() => { fs.writeSync(3, rock.subarray(2)); fs.writeSync(3, Buffer.from([0x61, 0xff, 0x62, 0x0a])); });
    `;
    expect((await run(script)).lines).toEqual(['\u{1faa8}a\ufffdb']);
  });
});

describe('the end of a rank', () => {
  test('takes along what it started, though that holds its pipes open', async () => {
    // Were the grandchild alive, descriptor 3 would stay open and the lines would not end.
    const script = `
      const { spawn } = require('node:child_process');
      const grandchild = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: ['ignore', 'inherit', 'inherit', 3] });
      grandchild.unref();
      say('started ' + grandchild.pid + '\\n');
      process.exit(0);
    `;
    const { lines, exitCode } = await run(script);
    expect(lines).toEqual([expect.stringMatching(/^started \d+$/)]);
    expect(exitCode).toBe(0);
  });

  test('comes with its last words: the end of what it wrote, in whole lines', async () => {
    const few = await run(`process.stderr.write('Error: no room\\n    at here\\n'); process.exitCode = 1`);
    expect(few.lastWords).toBe('Error: no room\n    at here');
    const many = await run(`for (let i = 0; i < 100_000; i++) fs.writeSync(2, 'complaint ' + i + '\\n')`);
    expect(many.lastWords.length).toBeLessThanOrEqual(2000);
    expect(many.lastWords.split('\n').at(0)).toMatch(/^complaint \d+$/);
    expect(many.lastWords.split('\n').at(-1)).toBe('complaint 99999');
    const endless = await run(`fs.writeSync(2, 'y'.repeat(9000))`);
    expect(endless.lastWords).toBe('y'.repeat(2000));
  });

  test('before it read its order is only its exit', async () => {
    const { exitCode } = await run('process.exit(4)', { input: 'x'.repeat(1_000_000) });
    expect(exitCode).toBe(4);
  });
});

test('what a rank writes goes to its log, behind what is there', async () => {
  const logFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-')), 'worker_0.log');
  onTestFinished(() => fs.rmSync(path.dirname(logFile), { recursive: true }));
  fs.writeFileSync(logFile, 'before\n');
  const script = `fs.writeSync(1, 'out\\n'); fs.writeSync(2, 'error\\n'); process.exitCode = 1`;
  expect(await run(script, { logFile })).toMatchObject({ exitCode: 1, lastWords: 'error' });
  expect(fs.readFileSync(logFile, 'utf8').split('\n').toSorted()).toEqual(['', 'before', 'error', 'out']);
});

describe('a signal', () => {
  test('asks the rank to stop: what it says then is heard', async () => {
    const controller = new AbortController();
    const script = `
      process.on('SIGTERM', () => { say('saved\\n'); process.exit(0); });
      setInterval(() => {}, 1000);
      say('ready\\n');
    `;
    const rank = spawnRank(rankOf(script), controller.signal);
    const rest = await afterFirst(rank);
    controller.abort();
    expect(await rest.next()).toEqual({ done: false, value: 'saved' });
    expect(await rank.exited).toMatchObject({ exitCode: 0, signal: null });
  });

  test('kills a rank that does not stop, when its grace is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const controller = new AbortController();
    const script = `
      process.on('SIGTERM', () => say('no\\n'));
      setInterval(() => {}, 1000);
      say('ready\\n');
    `;
    const rank = spawnRank(rankOf(script), controller.signal);
    const rest = await afterFirst(rank);
    controller.abort();
    expect(await rest.next()).toEqual({ done: false, value: 'no' });
    vi.advanceTimersByTime(4999);
    process.kill(rank.pid ?? 0, 'SIGTERM');
    expect(await rest.next()).toEqual({ done: false, value: 'no' });
    vi.advanceTimersByTime(1);
    expect(await rank.exited).toMatchObject({ exitCode: null, signal: 'SIGKILL', wasStopped: true });
  });

  test('that was given before the start stops it at once', async () => {
    const rank = spawnRank(rankOf('setInterval(() => {}, 1000)'), AbortSignal.abort());
    expect(await heard(rank)).toEqual([]);
    expect(await rank.exited).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
  });

  test('given while it starts stops it too', async () => {
    const controller = new AbortController();
    const rank = spawnRank(rankOf('setInterval(() => {}, 1000)'), controller.signal);
    controller.abort();
    expect(await rank.exited).toMatchObject({ signal: 'SIGTERM' });
  });

  test('given after the end does nothing', async () => {
    const controller = new AbortController();
    const rank = spawnRank(rankOf(''), controller.signal);
    const exit = await rank.exited;
    controller.abort();
    expect(exit).toMatchObject({ exitCode: 0 });
  });
});

test.each([
  ['a command that is not there', { command: '/nowhere/node' }],
  ['a folder that is not there', { cwd: '/nowhere' }],
])('%s is told by the exit, and nothing is said', async (_, changes) => {
  const rank = spawnRank(rankOf('', changes), never);
  expect(rank.pid).toBeNull();
  expect(await heard(rank)).toEqual([]);
  await expect(rank.exited).rejects.toMatchObject({
    name: 'LaunchError',
    code: 'not-started',
    message: expect.stringMatching(/could not be started in .*ENOENT/),
  });
});

test('many ranks leave nothing behind: no listener of this process, no warning', async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', onWarning);
  const before = process.listenerCount('exit');
  const controller = new AbortController();
  const ranks = Array.from({ length: 16 }, (_, i) => spawnRank(rankOf(`say('${i}\\n')`), controller.signal));
  expect(process.listenerCount('exit')).toBe(before + 1);
  expect((await Promise.all(ranks.map(heard))).flat().map(Number)).toEqual(ranks.map((_, i) => i));
  await Promise.all(ranks.map(({ exited }) => exited));
  expect(process.listenerCount('exit')).toBe(before);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('the end of this process kills its ranks', async () => {
  const before = process.listeners('exit');
  const rank = spawnRank(rankOf(`say('ready\\n'); setInterval(() => {}, 1000)`), never);
  await afterFirst(rank);
  const [atExit] = process.listeners('exit').filter((listener) => !before.includes(listener));
  atExit?.call(process, 0);
  expect(await rank.exited).toMatchObject({ signal: 'SIGKILL' });
});

test('descriptors are given back', async () => {
  const open = (): number => fs.readdirSync('/dev/fd').length;
  await run('');
  const before = open();
  for (let i = 0; i < 5; i++) await run(`say('x\\n')`);
  expect(open()).toBeLessThanOrEqual(before);
});
