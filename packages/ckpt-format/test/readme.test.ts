import { readFileSync } from 'node:fs';
import * as bytes from '@cairn/bytes';
import { expect, test } from 'vitest';
import * as ckptFormat from '../src/index.ts';

test('the example of the README runs', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const example = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const body = example.replaceAll(/import (\{.*?\}) from '(.*?)';/g, "const $1 = modules['$2'];");
  const printed: unknown[][] = [];
  const console = { log: (...values: unknown[]) => printed.push(values) };
  const modules = { '@cairn/bytes': bytes, '@cairn/ckpt-format': ckptFormat };
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor; // it has no name of its own
  await AsyncFunction('modules', 'console', body)(modules, console);
  const content = new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer);
  expect(printed).toEqual([['net.w', 'Float32', [2, 3], content]]);
});
