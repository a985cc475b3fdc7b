import { expect, test } from 'vitest';
import { flagFromText } from './flag-from-text.ts';

test.each([
  ['Flase', false],
  ['Ture', true],
  ['flase', false],
  ['tru', true],
  ['"True"', true],
  ['True', true],
  ['FALSE', false],
  ['off', false],
  ['yes', true],
  ['maybe', null],
  ['fe', null],
  ['', null],
])('%j is taken as %j', (text, value) => {
  expect(flagFromText(text)?.value ?? null).toBe(value);
});

test('says what was there and what was taken', () => {
  expect(flagFromText('Flase')?.note).toContain('taken as False, the nearest');
});
