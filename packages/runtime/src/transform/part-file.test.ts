import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PartFile } from './part-file.ts';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-part-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(root, { recursive: true, force: true });
});

const MIB = 2 ** 20;
const bytes = Uint8Array.of(1, 2, 3);

/** What is flushed and renamed from now on, in order; files by their path at that time. */
function watched(): readonly string[] {
  const seen: string[] = [];
  const pathOf = (ino: number): string => {
    const names = ['', ...fs.readdirSync(root, { recursive: true, encoding: 'utf8' })];
    return `/${names.find((name) => fs.statSync(path.join(root, name)).ino === ino)}`;
  };
  const { fsync, renameSync } = fs;
  vi.spyOn(fs, 'fsync').mockImplementation((descriptor, done) => {
    seen.push(`flush ${pathOf(fs.fstatSync(descriptor).ino)}`);
    fsync(descriptor, done);
  });
  vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    seen.push('rename');
    renameSync(from, to);
  });
  return seen;
}

/** A medium that takes nothing. */
function failing(): void {
  vi.spyOn(fs, 'fsync').mockImplementation((_, done) => done(Object.assign(new Error('EIO'), { code: 'EIO' })));
}

test('contents are on the medium before a file has its name, then the name and the folders made for it', async () => {
  const seen = watched();
  const part = new PartFile(path.join(root, 'a/b/x'));
  part.begin(0);
  part.write(0, bytes);
  await part.flush();
  await part.publish(0o400);
  expect(seen.slice(0, 2)).toEqual(['flush /a/b/.x.transform-part', 'rename']);
  expect(seen.slice(2).toSorted()).toEqual(['flush /', 'flush /a', 'flush /a/b']);
  expect(fs.readFileSync(path.join(root, 'a/b/x'))).toEqual(Buffer.from(bytes));
  expect(fs.statSync(path.join(root, 'a/b/x')).mode & 0o777).toBe(0o400);
});

test('what is written of a large file goes to the medium before its end', async () => {
  const seen = watched();
  const part = new PartFile(path.join(root, 'x'));
  part.begin(0);
  part.write(64 * MIB - bytes.length, bytes);
  expect(seen).toEqual(['flush /.x.transform-part']);
  await part.close();
});

test('a medium that fails is told by the next write or flush, and nothing is left to go on with', async () => {
  failing();
  const part = new PartFile(path.join(root, 'x'));
  part.begin(0);
  part.write(64 * MIB, bytes);
  await vi.waitFor(() => expect(() => part.write(0, bytes)).toThrow('EIO'));
  await expect(part.flush()).rejects.toMatchObject({ name: 'StorageError', code: 'io', file: path.join(root, 'x') });
  await part.close();
  expect(fs.readdirSync(root)).toEqual([]);
});

test('a part that is closed before its end stays', async () => {
  const part = new PartFile(path.join(root, 'x'));
  part.begin(0);
  part.write(0, bytes);
  await part.close();
  expect(fs.readdirSync(root)).toEqual(['.x.transform-part']);
});
