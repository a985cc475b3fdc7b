import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWords } from './shell-words.ts';

test.each([
  ['', []],
  ['  run   --config  a.yaml ', ['run', '--config', 'a.yaml']],
  [
    'run_mindformer.py \\\n--config a.yaml \\\n   --run_mode train',
    ['run_mindformer.py', '--config', 'a.yaml', '--run_mode', 'train'],
  ],
  [`chat --predict_data 'what is "this"?' ""`, ['chat', '--predict_data', 'what is "this"?', '']],
  [`a"b c"'d e'\\ f`, ['ab cd e f']],
  [`"a \\"b\\" \\n \\$c"`, ['a "b" \\n $c']],
])('%j is split as a shell does', (command, words) => {
  expect(shellWords(command)).toEqual(words);
});

test('any words come back from between single quotes', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      const quoted = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' ');
      expect(shellWords(quoted)).toEqual(words);
    }),
  );
});

test('a quote that is not closed is said', () => {
  expect(() => shellWords(`run --config "a b`)).toThrow(/not closed from "a b/);
  expect(() => shellWords('run \\')).toThrow(/check its quotes/);
});
