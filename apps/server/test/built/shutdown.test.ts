import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ServedFolder, TOKEN } from './served-folder.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LONG = ['--runner_config.epochs', '5000'];

const HEADERS = `host: localhost\r\nauthorization: Bearer ${TOKEN}\r\n`;

let served: ServedFolder;
beforeEach(async () => {
  served = await ServedFolder.open();
});
afterEach(() => served.close());

test('shutting down stops the runs, tells who listens, and leaves no process', async () => {
  const runs = [await served.start('one', ...LONG), await served.start('two', ...LONG)];
  const streams = runs.map((runId) => served.events(runId));
  await Promise.all(streams.map((stream) => stream.next()));
  const ranks = childrenOf(served.process.pid ?? 0);
  expect(ranks).toHaveLength(2);

  expect(await served.shutDown()).toBe(0);
  for (const stream of streams) {
    const events = [];
    for await (const event of stream) events.push(event);
    expect(JSON.parse(events.at(-1)?.data ?? '')).toMatchObject({ type: 'run-failed', code: 'interrupted' });
  }
  expect(ranks.filter(isAlive)).toEqual([]);
  expect(served.record('one').at(-1)).toContain('"code":"interrupted"');
});

test.each([
  ['sends no request', ''],
  [
    'never finishes its request',
    `POST /runs HTTP/1.1\r\n${HEADERS}content-length: 9\r\ncontent-type: application/json\r\n\r\n{`,
  ],
])('a client that %s does not hold the server', async (_, request) => {
  const socket = net.connect(Number(new URL(served.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(request);
  socket.resume();
  const closed = once(socket, 'close');
  await served.ask('GET', '/runs');
  expect(await served.shutDown()).toBe(0);
  await closed;
});

function childrenOf(pid: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  return rows.flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
