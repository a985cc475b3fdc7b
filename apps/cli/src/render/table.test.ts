import { expect, test } from 'vitest';
import { countText, sizeText } from './size-text.ts';
import { tableLines } from './table.ts';

test('columns are as wide as their widest cell, numbers stand to the right', () => {
  const rows = [
    ['name', 'bytes', 'note'],
    ['w', 12_345, ''],
    ['longer', 7, 'x'],
  ];
  expect(tableLines(rows)).toEqual(['name    bytes  note', 'w       12345', 'longer      7  x']);
  expect(tableLines([])).toEqual([]);
});

test('sizes and counts in words', () => {
  expect([0, 1023, 1024, 1.5 * 2 ** 20, 20 * 2 ** 30].map(sizeText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1.5 MiB',
    '20.0 GiB',
  ]);
  expect([countText(1, 'entry', 'entries'), countText(2, 'entry', 'entries'), countText(0, 'row')]).toEqual([
    '1 entry',
    '2 entries',
    '0 rows',
  ]);
});
