import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { NodeProgram } from './node-program.ts';

let program: NodeProgram;
beforeAll(() => {
  program = new NodeProgram();
});
afterAll(() => program.remove());

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-full-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

/** Saves a small file, then a big one; prints what became of it. */
const PROGRAM = `
  const folder = storage.localFolder(process.env.ROOT);
  const small = await folder.create('small');
  small.write(0, new Uint8Array(1000));
  await folder.commit([small]);
  const big = await folder.create('big');
  let error = null;
  try {
    for (let at = 0; at < 4_000_000; at += 1000) big.write(at, new Uint8Array(1000));
  } catch (caught) {
    error = { name: caught.name, code: caught.code, file: caught.file, message: caught.message };
  }
  await big.discard();
  const listed = (await folder.list()).map(({ name, bytes }) => name + ' ' + bytes);
  const again = await folder.create('again');
  again.write(0, new Uint8Array(1000));
  await folder.commit([again]);
  console.log(JSON.stringify({ error, listed, free: await folder.free() }));
`;

/** Runs the program below a shell line that ends in the command to run. */
function runBelow(shellLine: string, command = 'sh', args: readonly string[] = []) {
  const node = [process.execPath, ...program.arguments(PROGRAM)];
  const env = { ...process.env, ROOT: root };
  return spawnSync(command, [...args, '-c', `${shellLine}; exec "$@"`, 'sh', ...node], { encoding: 'utf8', env });
}

test('a file over the limit of the process is an error that says so; what was there stays, the rest goes on', () => {
  const { status, stdout, stderr } = runBelow('ulimit -f 256');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    error: {
      name: 'StorageError',
      code: 'no-space',
      file: path.join(root, 'big'),
      message: expect.stringMatching(/ulimit -f/),
    },
    listed: ['small 1000'],
  });
  expect(fs.readdirSync(root).toSorted()).toEqual(['again', 'small']);
});

test('a full disk is an error that says so; what was there stays, and the space comes back', () => {
  // In a mount namespace of its own, so that nothing stays mounted; where that is not permitted, it is said.
  const { status, stdout, stderr } = runBelow('mount -t tmpfs -o size=256k none "$ROOT" || exit 99', 'unshare', [
    '--map-root-user',
    '--mount',
    'sh',
  ]);
  if (status === 99 || status === null || stdout === '') {
    console.info(`no full disk could be had here: ${stderr.trim()}; the limit of the process above stands for it`);
    expect(status).not.toBe(0);
    return;
  }
  const { error, listed, free } = JSON.parse(stdout) as { error: unknown; listed: unknown; free: number };
  expect(error).toMatchObject({
    name: 'StorageError',
    code: 'no-space',
    file: path.join(root, 'big'),
    message: expect.stringMatching(/the disk is full: free some space/),
  });
  expect(listed).toEqual(['small 1000']);
  expect(free).toBeGreaterThan(200_000);
});
