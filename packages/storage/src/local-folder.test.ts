import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readBytes } from '@cairn/bytes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sweepDrafts } from './local-draft.ts';
import { localFolder } from './local-folder.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-storage-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a file is invisible until it is committed, then whole, with its mode', async () => {
  const folder = localFolder(path.join(root, 'new'));
  const draft = await folder.create('rank_0/a.ckpt', { mode: 0o400 });
  await draft.write(3, bytes('def'));
  await draft.write(0, bytes('abc'));
  expect(await folder.list()).toEqual([]);
  await folder.commit([draft]);
  expect(await folder.list()).toMatchObject([{ name: 'rank_0/a.ckpt', bytes: 6 }]);
  const source = await folder.open('rank_0/a.ckpt');
  expect(new TextDecoder().decode(await readBytes(source, 0, 6))).toBe('abcdef');
  await source.close();
  expect(fs.statSync(path.join(root, 'new/rank_0/a.ckpt')).mode & 0o777).toBe(0o400);
});

test('a read-only file of the same name is replaced', async () => {
  const folder = localFolder(root);
  for (const text of ['old', 'new!']) {
    const draft = await folder.create('a', { mode: 0o400 });
    await draft.write(0, bytes(text));
    await folder.commit([draft]);
  }
  expect(fs.readFileSync(path.join(root, 'a'), 'utf8')).toBe('new!');
});

test('a discarded draft leaves nothing; a committed one is not discarded', async () => {
  const folder = localFolder(root);
  const gone = await folder.create('gone');
  const kept = await folder.create('kept');
  await gone.discard();
  await folder.commit([kept]);
  await kept.discard();
  expect(fs.readdirSync(root)).toEqual(['kept']);
});

test('files are listed below a prefix, through linked folders, without drafts', async () => {
  fs.mkdirSync(path.join(root, 'real/rank_0'), { recursive: true });
  fs.writeFileSync(path.join(root, 'real/rank_0/x'), '1');
  fs.writeFileSync(path.join(root, 'real/y'), '22');
  fs.symlinkSync(path.join(root, 'real'), path.join(root, 'linked'));
  const names = async (prefix: string): Promise<string[]> =>
    (await localFolder(root).list(prefix)).map(({ name }) => name);
  expect(await names('linked/')).toEqual(['linked/rank_0/x', 'linked/y']);
  expect(await names('real/rank_0/')).toEqual(['real/rank_0/x']);
});

test('names cannot lead out of the folder; missing files are errors that name the file', async () => {
  const folder = localFolder(root);
  await expect(folder.open('../x')).rejects.toThrow(RangeError);
  await expect(folder.open('x')).rejects.toMatchObject({ code: 'not-found', file: path.join(root, 'x') });
  await folder.remove('x');
});

test('a process killed between two renames leaves the first file, and a draft that is swept', async () => {
  const script = `
    import fs from 'node:fs';
    import { localFolder } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const rename = fs.renameSync;
    let renames = 0;
    fs.renameSync = (...names) => (++renames === 2 ? process.kill(process.pid, 'SIGKILL') : rename(...names));
    const folder = localFolder(${JSON.stringify(root)});
    const drafts = [await folder.create('payload'), await folder.create('pointer')];
    for (const draft of drafts) draft.write(0, new Uint8Array(5));
    await folder.commit(drafts);
  `;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal).toBe('SIGKILL');
  expect((await localFolder(root).list()).map(({ name }) => name)).toEqual(['payload']);
  expect(sweepDrafts(root)).toHaveLength(1);
  expect(fs.readdirSync(root)).toEqual(['payload']);
});

test('drafts of a living process are not swept', async () => {
  await localFolder(root).create('mine');
  expect(sweepDrafts(root)).toEqual([]);
});

test.runIf(process.getuid?.() === 0)('a full disk is an error that says so, and what was there stays', async () => {
  const disk = path.join(root, 'disk');
  fs.mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk]);
  try {
    const folder = localFolder(disk);
    const small = await folder.create('small');
    await small.write(0, new Uint8Array(1000));
    await folder.commit([small]);
    const big = await folder.create('big');
    expect(() => big.write(0, new Uint8Array(1_000_000))).toThrow(expect.objectContaining({ code: 'no-space' }));
    await big.discard();
    expect((await folder.list()).map(({ name }) => name)).toEqual(['small']);
    expect(await folder.free()).toBeGreaterThan(0);
  } finally {
    execFileSync('umount', [disk]);
  }
});
