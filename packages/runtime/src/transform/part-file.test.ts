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
  await part.write(0, bytes);
  await part.flush();
  await part.publish(0o400);
  expect(seen.slice(0, 2)).toEqual(['flush /a/b/.x.transform-part', 'rename']);
  expect(seen.slice(2).toSorted()).toEqual(['flush /', 'flush /a', 'flush /a/b']);
  expect(fs.readFileSync(path.join(root, 'a/b/x'))).toEqual(Buffer.from(bytes));
  expect(fs.statSync(path.join(root, 'a/b/x')).mode & 0o777).toBe(0o400);
});

/** Where nothing can be written past the page cache: not to such an address. */
const cached = (length: number): Uint8Array => new Uint8Array(length + 1).subarray(1);

test('what is written of a large file into the page cache goes to the medium before its end', async () => {
  const seen = watched();
  const part = new PartFile(path.join(root, 'x'));
  part.begin(0);
  await part.write(0, cached(64 * MIB - 1));
  expect(seen).toEqual([]);
  await part.write(64 * MIB - 1, bytes);
  expect(seen).toEqual(['flush /.x.transform-part']);
  await part.close();
});

test('a medium that fails is told by the next write or flush, and nothing is left to go on with', async () => {
  failing();
  const part = new PartFile(path.join(root, 'x'));
  part.begin(0);
  await part.write(0, cached(64 * MIB));
  await vi.waitFor(() => expect(part.write(0, bytes)).rejects.toThrow('EIO'));
  await expect(part.flush()).rejects.toMatchObject({ name: 'StorageError', code: 'io', file: path.join(root, 'x') });
  await part.close();
  expect(fs.readdirSync(root)).toEqual([]);
});

/** At the beginning of a page of memory. */
const direct = (length: number): Uint8Array => {
  const { buffer } = new WebAssembly.Memory({ initial: Math.ceil(length / 65_536) });
  return new Uint8Array(buffer, 0, length);
};

test.each([
  ['past the page cache', direct],
  ['into it where the system takes it no other way', cached],
])('ranges are written %s, several at once; the end moves when all before it are there', async (_, room) => {
  const content = room(3 * MIB + 5);
  for (let i = 0; i < content.length; i++) content[i] = i % 251;
  const part = new PartFile(path.join(root, 'x'));
  part.begin(0);
  const cuts = [0, 4096, MIB, MIB + 8192, 2 * MIB + 1, 2 * MIB + 4097, content.length];
  const writes = cuts.slice(1).map((end, i) => part.write(cuts[i]!, content.subarray(cuts[i], end)));
  expect(part.end).toBe(0);
  await Promise.all(writes);
  expect(part.end).toBe(content.length);
  await part.flush();
  await part.publish(0o600);
  expect(fs.readFileSync(path.join(root, 'x')).equals(content)).toBe(true);
});

test('a part that is closed before its end stays', async () => {
  const part = new PartFile(path.join(root, 'x'));
  part.begin(0);
  await part.write(0, bytes);
  await part.close();
  expect(fs.readdirSync(root)).toEqual(['.x.transform-part']);
});
