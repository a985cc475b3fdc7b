import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { localFolder } from '../src/index.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-crash-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(root, { recursive: true, force: true });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const NAMES = ['rank_0/payload', 'rank_0/side', 'meta.json'];

async function save(text: string): Promise<void> {
  const folder = localFolder(root);
  const drafts = [];
  for (const name of NAMES) {
    const draft = await folder.create(name);
    await draft.write(0, bytes(`${text} ${name}`));
    drafts.push(draft);
  }
  await folder.commit(drafts);
}

/**
 * Notes the calls that make files durable and visible, by what they are called on; `crashAt` makes that one throw
 * before it does anything, as a process that ends there would not do it.
 */
function watchCalls(crashAt = Infinity): string[] {
  const calls: string[] = [];
  const names = new Map<number, string>();
  const shown = (file: string): string =>
    path.relative(root, file).replace(/(?<![^/])\.([^/]+)\.[0-9a-f]{8}-\d+-\d+\.draft$/, 'draft of $1') || 'the folder';
  const note = (call: string): void => {
    calls.push(call);
    if (calls.length > crashAt) throw new Error('the process ends here');
  };
  const { openSync, fsyncSync, renameSync } = fs;
  vi.spyOn(fs, 'openSync').mockImplementation((file, ...rest) => {
    const descriptor = openSync(file, ...rest);
    names.set(descriptor, shown(String(file)));
    return descriptor;
  });
  vi.spyOn(fs, 'fsyncSync').mockImplementation((descriptor) => {
    note(`flush ${names.get(descriptor)}`);
    fsyncSync(descriptor);
  });
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    note(`rename to ${shown(String(to))}`);
    renameSync(from, to);
  });
  return calls;
}

test('all files are on the medium before the first is visible, each name is before the next one', async () => {
  const calls = watchCalls();
  await save('new');
  expect(calls).toEqual([
    'flush the folder', // rank_0 is new in it
    'flush rank_0/draft of payload',
    'flush rank_0/draft of side',
    'flush draft of meta.json',
    'rename to rank_0/payload',
    'flush rank_0',
    'rename to rank_0/side',
    'flush rank_0',
    'rename to meta.json',
    'flush the folder',
  ]);
});

test('the folders that had to be made are on the medium, each in the one above it', async () => {
  const calls = watchCalls();
  await localFolder(path.join(root, 'a/b')).create('c/d/file');
  expect(calls).toEqual(['flush a/b/c', 'flush a/b', 'flush a', 'flush the folder']);
});

test('wherever a process ends, each file is old or new and whole, and the new ones are the first of the list', async () => {
  await save('old');
  const whole = watchCalls();
  await save('old');
  vi.restoreAllMocks();
  for (let crashAt = 0; crashAt < whole.length; crashAt++) {
    watchCalls(crashAt);
    await expect(save('new')).rejects.toThrow('the process ends here');
    vi.restoreAllMocks();
    const listed = (await localFolder(root).list()).map(({ name }) => name);
    expect(listed).toEqual(NAMES.toSorted());
    const states = NAMES.map((name) => fs.readFileSync(path.join(root, name), 'utf8').replace(` ${name}`, ''));
    expect(['old old old', 'new old old', 'new new old', 'new new new']).toContain(states.join(' '));
    await save('old');
  }
  expect(whole.length).toBe(9);
});

test('a file system that cannot flush a folder is no obstacle, one that fails to is', async () => {
  const failing = (code: string): void => {
    const { fsyncSync } = fs;
    vi.spyOn(fs, 'fsyncSync').mockImplementation((descriptor) => {
      if (fs.fstatSync(descriptor).isDirectory()) throw Object.assign(new Error(code), { code });
      fsyncSync(descriptor);
    });
  };
  failing('EINVAL');
  await save('new');
  expect(fs.readFileSync(path.join(root, 'meta.json'), 'utf8')).toBe('new meta.json');
  vi.restoreAllMocks();
  failing('EIO');
  await expect(save('newer')).rejects.toMatchObject({ name: 'StorageError', code: 'io' });
});
