import type { MindRecord } from '@cairn/mindrecord';
import { expect, test } from 'vitest';
import { mindRecordJson, mindRecordLines } from './mindrecord.ts';

const set: Pick<MindRecord, 'columns' | 'rows' | 'files' | 'layout'> = {
  columns: [
    { name: 'ids', type: 'int64', shape: [-1] },
    { name: 'label', type: 'string' },
    { name: 'score', type: 'float64' },
  ],
  rows: 2,
  files: [{ name: 'd/a.mindrecord', rows: 2 }],
  layout: {
    version: '2.0',
    description: 'qa',
    headerBytes: 16_384,
    pageBytes: 2 ** 25,
    indexFields: ['label', 'score'],
    pages: [3],
    shards: 1,
  },
};
const first = { ids: BigInt64Array.from({ length: 20 }, (_, i) => BigInt(i)), label: 'yes', score: NaN };

test('a set in words', () => {
  expect(mindRecordLines('a.mindrecord', set, first)).toEqual([
    'a.mindrecord: MindRecord 2.0, 2 rows in 1 file',
    'description: "qa"',
    'header area 16.0 KiB, pages of 32.0 MiB',
    'indexed by label, score',
    'column  type     shape  first row',
    'ids     int64    [-1]   0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 … (20)',
    'label   string   -      "yes"',
    'score   float64  -      NaN',
    'file            rows  pages',
    'd/a.mindrecord     2      3',
  ]);
});

test('a set as an object, of long values the beginning', () => {
  expect(mindRecordJson('a.mindrecord', set, first)).toMatchObject({
    version: '2.0',
    files: [{ file: 'd/a.mindrecord', rows: 2, pages: 3 }],
    first: { ids: { length: 20, values: Array.from({ length: 16 }, (_, i) => i) }, label: 'yes', score: 'NaN' },
  });
  expect(mindRecordJson('a.mindrecord', { ...set, rows: 0 }, undefined)).toMatchObject({ rows: 0, first: null });
});
