import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { workFolder } from '../test/tiny-run.ts';
import { lockOutput } from './output-lock.ts';

test('a folder is locked once, and again when it was given back', () => {
  const folder = path.join(workFolder(), 'made/on/the/way');
  const unlock = lockOutput(folder);
  expect(() => lockOutput(folder)).toThrow(`in use by the run of process ${process.pid}`);
  unlock();
  lockOutput(folder)();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('the lock of a process that is gone is taken over', () => {
  const folder = workFolder();
  const { pid } = spawnSync(process.execPath, ['-e', '0']);
  fs.writeFileSync(path.join(folder, '.cairn.lock'), String(pid));
  const unlock = lockOutput(folder);
  expect(fs.readFileSync(path.join(folder, '.cairn.lock'), 'utf8')).toBe(String(process.pid));
  unlock();
});

test.each(['', 'not a number', '-1', '0'])('a lock that names nobody (%j) is taken over', (text) => {
  const folder = workFolder();
  fs.writeFileSync(path.join(folder, '.cairn.lock'), text);
  lockOutput(folder)();
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('a folder that cannot be made is said with its name', () => {
  const file = path.join(workFolder(), 'a-file');
  fs.writeFileSync(file, '');
  expect(() => lockOutput(path.join(file, 'output'))).toThrow(/a-file\/output: /);
});
