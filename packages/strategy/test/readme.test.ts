import { readFileSync } from 'node:fs';
import { format } from 'node:util';
import { expect, test } from 'vitest';
import * as files from '../src/files/index.ts';
import * as strategy from '../src/index.ts';

test('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const body = example.replaceAll(/import (\{.*?\}) from '(.*?)';/g, "const $1 = modules['$2'];");
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) };
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor; // it has no name of its own
  await AsyncFunction(
    'modules',
    'console',
    body,
  )({ '@cairn/strategy': strategy, '@cairn/strategy/files': files }, console);
  const said = [...example.matchAll(/; \/\/ (.*)$/gm)].map(([, words]) => words);
  expect(printed).toEqual(said);
});
