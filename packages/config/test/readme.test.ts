import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as config from '../src/index.ts';

test('the example of the README runs and prints what it says', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const body = example.replaceAll(/import (\{.*?\}) from '(.*?)';/g, "const $1 = modules['$2'];");
  const printed: string[] = [];
  const console = { log: (value: unknown) => printed.push(typeof value === 'string' ? value : JSON.stringify(value)) };
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor; // it has no name of its own
  await AsyncFunction('modules', 'console', body)({ '@cairn/config': config }, console);
  const said = [...example.matchAll(/\/\/ (.*)$/gm)].map(([, words]) => words);
  expect(printed).toEqual(said);
});
