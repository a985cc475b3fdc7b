import fs, { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { format } from 'node:util';
import * as bytes from '@cairn/bytes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as storage from '../src/index.ts';

let place: string;
const home = process.cwd();
beforeEach(() => {
  place = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-readme-'));
  process.chdir(place);
});
afterEach(() => {
  process.chdir(home);
  fs.rmSync(place, { recursive: true, force: true });
});

test('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const body = example.replaceAll(/import (\{.*?\}) from '(.*?)';/g, "const $1 = modules['$2'];");
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) };
  const modules = { '@cairn/bytes': bytes, '@cairn/storage': storage, 'node:fs': fs };
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor; // it has no name of its own
  await AsyncFunction('modules', 'console', body)(modules, console);
  const said = [...example.matchAll(/\/\/ (.*)$/gm)].map(([, words]) => words);
  expect(printed).toEqual(said);
  expect(fs.readdirSync(place)).toEqual([]);
});
