import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flagOrTextValue, flagValue, freeValue, optionValue, textValue, wholeValue } from './flag-value.ts';

const value = (result: ReturnType<typeof freeValue>): unknown => (result.ok ? result.value : `not ${result.rule}`);

test('flags are true or false in any case, nothing else', () => {
  expect(['True', 'FALSE', ' true '].map((text) => value(flagValue(text)))).toEqual([true, false, true]);
  expect(['1', 'yes', '', 'Flase'].map((text) => flagValue(text).ok)).toEqual([false, false, false, false]);
});

test('a flag or a text', () => {
  expect(['true', 'a-12_2.ckpt', 'None'].map((text) => value(flagOrTextValue(text)))).toEqual([
    true,
    'a-12_2.ckpt',
    null,
  ]);
  expect(value(textValue('None'))).toBeNull();
});

test('whole numbers', () => {
  expect(['7', '-1', '+3', '1_000', ' 5 '].map((text) => value(wholeValue(text)))).toEqual([7, -1, 3, 1000, 5]);
  expect(['1.5', '', 'x', '1e3', '--1', '99999999999999999999'].map((text) => wholeValue(text).ok)).not.toContain(true);
});

test.each([
  ['5', 5],
  ['3.0', 3],
  ['1e-5', 1e-5],
  ['-1', -1],
  ['True', true],
  ['False', false],
  ['true', true],
  ['null', null],
  ['None', null],
  ['[1, 2]', [1, 2]],
  ['{"a": [1]}', { a: [1] }],
  ['"5"', '5'],
  ['[1, 2', '[1, 2'],
  ['nan', 'nan'],
  ['./a b', './a b'],
])('--a.b %s is %j', (text, expected) => {
  expect(value(freeValue(text))).toEqual(expected);
});

test.each([
  ['True', true],
  ['false', false],
  ['None', null],
  ['3', 3],
  ['1_000', 1000],
  ['3.5', 3.5],
  ['1,2', [1, 2]],
  ['[1,2]', [1, 2]],
  ['(7,8)', [7, 8]],
  ['[1,(2,3),[4,5]]', [1, [2, 3], [4, 5]]],
  [
    '(1,2),(3,4)',
    [
      [1, 2],
      [3, 4],
    ],
  ],
  ['[]', []],
  ['"./a b"', './ab'],
  ['[True, x]', [true, 'x']],
  ['1,', [1]],
])('--options a=%s is %j', (text, expected) => {
  expect(value(optionValue(text))).toEqual(expected);
});

test.each(['[1,2', '(1,2]', '1,2)', '[(])'])('--options a=%s does not close its brackets', (text) => {
  expect(optionValue(text).ok).toBe(false);
});

test('nesting without end is refused, not followed', () => {
  expect(freeValue('['.repeat(100) + ']'.repeat(100)).ok).toBe(false);
  expect(optionValue('['.repeat(100) + ']'.repeat(100)).ok).toBe(false);
});

test('any text is a value or a reason, and lists of numbers come back', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect([freeValue(text).ok, optionValue(text).ok]).toHaveLength(2);
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 2 }), (numbers) => {
      expect(value(optionValue(`[${numbers.join(', ')}]`))).toEqual(numbers);
      expect(value(freeValue(JSON.stringify(numbers)))).toEqual(numbers);
    }),
  );
});
