import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFile } from './file-source.ts';

let root: string;
let file: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-open-'));
  file = path.join(root, 'file');
  fs.writeFileSync(file, 'abcdef');
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

test('a file is read at any place; at its end there is less, behind it nothing', async () => {
  const source = openFile(file);
  const into = new Uint8Array(4);
  expect(source.size).toBe(6);
  expect(source.read(1, into)).toBe(4);
  expect(Buffer.from(into).toString()).toBe('bcde');
  expect(source.read(4, into)).toBe(2);
  expect(source.read(6, into)).toBe(0);
  await source.close();
});

test('a closed file is not read, and closing it again closes no other file', async () => {
  const source = openFile(file);
  await source.close();
  const other = openFile(file);
  await source.close();
  expect(() => source.read(0, new Uint8Array(1))).toThrow(`${file} is closed`);
  expect(other.read(0, new Uint8Array(1))).toBe(1);
  await other.close();
});

test('what is removed while it is open can still be read', async () => {
  const source = openFile(file);
  fs.rmSync(file);
  expect(source.read(0, new Uint8Array(6))).toBe(6);
  await source.close();
});

test.each([
  ['a file that is not there', 'gone', 'not-found'],
  ['a folder', '.', 'io'],
  ['a path through a file', 'file/x', 'io'],
  ['a name that is too long', 'x'.repeat(300), 'io'],
])('%s is an error that names it', (_, name, code) => {
  const full = path.join(root, name);
  expect(() => openFile(full)).toThrow(expect.objectContaining({ name: 'StorageError', code, file: full }));
});

test('a named pipe is refused at once instead of waiting for a writer', () => {
  const pipe = path.join(root, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(() => openFile(pipe)).toThrow(`${pipe}: is no file`);
});

test('no descriptor stays open behind a failure', () => {
  const open = (): number => fs.readdirSync('/dev/fd').length;
  const before = open();
  for (let i = 0; i < 20; i++) expect(() => openFile(root)).toThrow('is no file');
  expect(open()).toBe(before);
});
