import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

const CAIRN = fileURLToPath(new URL('../../bin/cairn.js', import.meta.url));

/** Starts `cairn serve`; `words` is what it says on standard error, whole when it has exited. */
function serve(...flags: string[]) {
  const child = spawn(process.execPath, [CAIRN, 'serve', '--folder', os.tmpdir(), ...flags]);
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { words: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.words += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  return { child, said, line, closed: once(child, 'close') };
}

function runsOf(url: string, token: string): Promise<Response> {
  return fetch(`${url}/runs`, { headers: { authorization: `Bearer ${token}` } });
}

test('it says its address and a token in words, and opens to that token alone', async () => {
  const { line } = serve();
  const url = (await line()).replace('listening on ', '');
  const token = (await line()).replace('token: ', '');
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await runsOf(url, token)).json()).toEqual({ runs: [] });
  expect((await runsOf(url, `${token}x`)).status).toBe(401);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'with --json it says one object, and %s ends it with exit code 0',
  async (signal) => {
    const { child, line, closed } = serve('--json', '--token', 'given', '--quiet');
    // Asserted in what follows.
    const { url, token, folder } = JSON.parse(await line()) as Record<'url' | 'token' | 'folder', string>;
    expect([token, folder]).toEqual(['given', os.tmpdir()]);
    expect((await runsOf(url, 'given')).status).toBe(200);
    child.kill(signal);
    expect(await closed).toEqual([0, null]);
  },
);

test('a port that is in use is exit code 2, and the message says what to do', async () => {
  const holder = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void holder.close());
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const { said, closed } = serve('--port', port);
  expect(await closed).toEqual([2, null]);
  expect(said.words).toBe(`error: port ${port} of 127.0.0.1 is in use: give another port, or 0 for any that is free\n`);
});

test.each([
  [['--port', '65536'], 'a port is a number from 0 to 65535'],
  [['--port', 'http'], 'a port is a number from 0 to 65535'],
  [['--host', '203.0.113.7'], '203.0.113.7 is not an address of this computer'],
  [['--folder', '/nowhere/at/all'], '/nowhere/at/all is not a folder'],
  [['--token', ''], 'a token is printable ASCII'],
])('%j is exit code 2', async (flags, message) => {
  const { said, closed } = serve(...flags);
  expect(await closed).toEqual([2, null]);
  expect(said.words).toContain(message);
});

test('an address that others can reach is warned of', async () => {
  const { child, said, line, closed } = serve('--host', '0.0.0.0');
  await line();
  child.kill('SIGTERM');
  await closed;
  expect(said.words).toContain('warning: other computers can reach this server');
});
