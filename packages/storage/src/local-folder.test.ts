import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readBytes } from '@cairn/bytes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localFolder } from './local-folder.ts';
import { isStorageError, storageError } from './storage-error.ts';

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

test('drafts that cannot be committed leave those before them visible, and nothing else', async () => {
  const folder = localFolder(root);
  fs.mkdirSync(path.join(root, 'b/inside'), { recursive: true });
  const drafts = [];
  for (const name of ['a', 'b', 'c']) drafts.push(await folder.create(name));
  await expect(folder.commit(drafts)).rejects.toMatchObject({ name: 'StorageError', file: path.join(root, 'b') });
  for (const draft of drafts) await draft.discard();
  expect(fs.readdirSync(root)).toEqual(['a', 'b']);
});

test('a draft is written, committed or discarded once', async () => {
  const folder = localFolder(root);
  const draft = await folder.create('a');
  await folder.commit([draft]);
  expect(() => draft.write(0, bytes('x'))).toThrow('a is already committed or discarded');
  await expect(folder.commit([draft])).rejects.toThrow(RangeError);
  const gone = await folder.create('b');
  await gone.discard();
  await gone.discard();
  await expect(folder.commit([gone])).rejects.toThrow('b is already committed or discarded');
});

test('drafts of something else are refused before anything is visible', async () => {
  const folder = localFolder(root);
  const own = await folder.create('a');
  const foreign = { name: 'b', write: () => undefined, discard: async () => undefined };
  await expect(folder.commit([own, foreign])).rejects.toThrow('b is a draft of another folder');
  expect(await folder.list()).toEqual([]);
});

test("a file without a mode has the host's default one", async () => {
  const folder = localFolder(root);
  await folder.commit([await folder.create('a')]);
  fs.writeFileSync(path.join(root, 'b'), '');
  const modeOf = (name: string): number => fs.statSync(path.join(root, name)).mode & 0o777;
  expect(modeOf('a')).toBe(modeOf('b'));
});

test.each(['', '.', '..', '../x', 'a/../../x', '/etc/passwd', 'a//b', 'a/', 'a\0b', '.x.01234567-1-1.draft'])(
  '%j is not a name inside a folder',
  async (name) => {
    const folder = localFolder(root);
    await expect(folder.open(name)).rejects.toThrow('is not a name inside a folder');
    await expect(folder.create(name)).rejects.toThrow(RangeError);
    await expect(folder.remove(name)).rejects.toThrow(RangeError);
    expect(fs.readdirSync(root)).toEqual([]);
  },
);

test('a name may be as long as the file system allows, in any script, and no longer', async () => {
  const folder = localFolder(root);
  for (const name of ['x'.repeat(255), '界'.repeat(85), '🪨'.repeat(63)]) {
    const draft = await folder.create(name);
    await draft.write(0, bytes('1'));
    await folder.commit([draft]);
    expect((await folder.list()).map((info) => info.name)).toContain(name);
  }
  const tooLong = await folder.create('x'.repeat(256));
  await expect(folder.commit([tooLong])).rejects.toMatchObject({
    code: 'io',
    message: expect.stringMatching(/the name is too long/),
  });
  await tooLong.discard();
  expect(fs.readdirSync(root)).toHaveLength(3);
});

test('names of other characters come back as they were given', async () => {
  const folder = localFolder(root);
  const names = ['a b', 'ü', '-rf', 'x\ny', '*', 'C:', 'toString'];
  for (const name of names) await folder.commit([await folder.create(`d/${name}`)]);
  expect((await folder.list('d/')).map(({ name }) => name.slice(2)).toSorted()).toEqual(names.toSorted());
});

test('links that lead in a circle, nowhere, or back up are no obstacle', async () => {
  fs.mkdirSync(path.join(root, 'a/b'), { recursive: true });
  fs.writeFileSync(path.join(root, 'a/b/file'), '1');
  fs.symlinkSync('..', path.join(root, 'a/b/up'));
  fs.symlinkSync('self', path.join(root, 'self'));
  fs.symlinkSync('nowhere', path.join(root, 'broken'));
  fs.symlinkSync(root, path.join(root, 'a/root'));
  expect((await localFolder(root).list()).map(({ name }) => name)).toEqual(['a/b/file']);
});

test('a commit replaces a link, not what it leads to; removing takes the link away', async () => {
  const folder = localFolder(path.join(root, 'in'));
  const outside = path.join(root, 'outside');
  fs.writeFileSync(outside, 'precious');
  fs.mkdirSync(path.join(root, 'in'));
  fs.symlinkSync(outside, path.join(root, 'in/linked'));
  fs.symlinkSync(outside, path.join(root, 'in/removed'));
  const draft = await folder.create('linked');
  await draft.write(0, bytes('new'));
  await folder.commit([draft]);
  await folder.remove('removed');
  expect(fs.readFileSync(outside, 'utf8')).toBe('precious');
  expect(fs.readFileSync(path.join(root, 'in/linked'), 'utf8')).toBe('new');
  expect(fs.readdirSync(path.join(root, 'in'))).toEqual(['linked']);
});

test('a folder is not removed as a file', async () => {
  fs.mkdirSync(path.join(root, 'd'));
  await expect(localFolder(root).remove('d')).rejects.toMatchObject({ code: 'io', file: path.join(root, 'd') });
});

test('a folder that is not there is empty, has space, and is made by its first file', async () => {
  const folder = localFolder(path.join(root, 'a/b'));
  expect(await folder.list()).toEqual([]);
  expect(await folder.free()).toBeGreaterThan(0);
  await folder.commit([await folder.create('c')]);
  expect((await folder.list()).map(({ name }) => name)).toEqual(['c']);
});

describe('permissions', () => {
  /** Does something as a user who may not do everything; root is nobody for that long. */
  async function asNobody(act: () => Promise<void>): Promise<void> {
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      await act();
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  }

  test('a folder that may not be read is an error, not an empty one', async () => {
    const locked = path.join(root, 'locked');
    fs.mkdirSync(path.join(locked, 'inside'), { recursive: true });
    fs.chmodSync(root, 0o755);
    fs.chmodSync(locked, 0);
    const denied = { name: 'StorageError', code: 'no-access' };
    await asNobody(async () => {
      await expect(localFolder(root).list()).rejects.toMatchObject({ ...denied, file: locked });
      await expect(localFolder(path.join(locked, 'inside')).list()).rejects.toMatchObject(denied);
      await expect(localFolder(path.join(locked, 'inside')).free()).rejects.toMatchObject(denied);
      await expect(localFolder(locked).open('x')).rejects.toMatchObject(denied);
    });
    fs.chmodSync(locked, 0o755);
  });

  test('a folder that may not be written takes no draft, and says so', async () => {
    fs.chmodSync(root, 0o555);
    await asNobody(async () => {
      await expect(localFolder(root).create('x')).rejects.toMatchObject({ code: 'no-access' });
      await expect(localFolder(root).create('d/x')).rejects.toMatchObject({ code: 'no-access' });
    });
    fs.chmodSync(root, 0o755);
    expect(fs.readdirSync(root)).toEqual([]);
  });
});

describe('errors', () => {
  test('of system calls are told by their code, keep their cause and name the file', () => {
    const cause = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    expect(storageError(cause, '/x')).toMatchObject({
      code: 'io',
      file: '/x',
      message: '/x: EIO: i/o error, read',
      cause,
    });
    expect(storageError(Object.assign(new Error(''), { code: 'EDQUOT' }), '/x').code).toBe('no-space');
    expect(storageError(Object.assign(new Error(''), { code: 'toString' }), '/x').code).toBe('io');
  });

  test('of this package pass unchanged', () => {
    const error = storageError(new Error('a'), '/x');
    expect(storageError(error, '/y')).toBe(error);
    expect(isStorageError(error)).toBe(true);
    expect(isStorageError(new Error('a'))).toBe(false);
  });
});
