import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import * as bytes from '@cairn/bytes';
import * as ckptFormat from '@cairn/ckpt-format';
import { expect, test } from 'vitest';
import * as transform from '../src/index.ts';

test('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const body = example.replaceAll(/import (\{.*?\}) from '(.*?)';/g, "const $1 = modules['$2'];");
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) };
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor; // it has no name of its own
  const modules = { '@cairn/bytes': bytes, '@cairn/ckpt-format': ckptFormat, '@cairn/transform': transform };
  await AsyncFunction('modules', 'console', body)(modules, console);
  const said = [...example.matchAll(/\/\/ (.*)$/gm)].map(([, words]) => words);
  expect(printed).toEqual(said);
});
