import { expect, test } from 'vitest';
import { mindRecordNames } from './mindrecord-names.ts';

test('data files are found by their names, indexes and others are not', () => {
  const paths = [
    'b.mindrecord1',
    'b.mindrecord0',
    'b.mindrecord0.db',
    'sub/a.mindrecord',
    'mindrecord',
    'a.mindrecord.gz',
  ];
  expect(mindRecordNames(paths)).toEqual(['b.mindrecord0', 'b.mindrecord1', 'mindrecord', 'sub/a.mindrecord']);
});
