import { expect, test } from 'vitest';
import type { Header, Page } from './header.ts';
import type { IndexRow } from './index-writer.ts';
import { IndexWriter } from './index-writer.ts';
import { readRowIndex } from './row-index.ts';
import { openSqlite } from './sqlite.ts';

const blob: Page = { id: 0, type: 'BLOB_DATA', typeId: 0, startRow: 0, endRow: 2, groups: [], usedBytes: 100 };
const raw: Page = { ...blob, id: 1, type: 'RAW_DATA', endRow: 0, groups: [{ id: 0, offset: 0 }], usedBytes: 26 };
const header: Header = {
  version: '3.0',
  headerBytes: 16384,
  pageBytes: 32768,
  columns: [{ name: 'v', type: 'bytes' }],
  blobFields: ['v'],
  indexFields: [],
  description: '',
  pages: [blob, raw],
  shardId: 0,
  shardNames: ['a'],
  compressionBytes: 0,
};

// row, rawPage, rawStart, rawEnd, group, blobPage, blobStart, blobEnd
const first: IndexRow = [0, 1, 0, 13, 0, 0, 0, 50];
const second: IndexRow = [1, 1, 13, 26, 0, 0, 50, 100];

async function indexOf(rows: readonly (readonly unknown[])[], sql = ''): Promise<Uint8Array> {
  const writer = await IndexWriter.create('a', []);
  for (const row of rows) writer.add(row as unknown as IndexRow, []);
  const bytes = writer.finish();
  if (sql === '') return bytes;
  const database = await openSqlite(bytes);
  database.run(sql);
  return database.export();
}

test('rows are found in the order of their numbers, whatever the order in the table', async () => {
  const index = await readRowIndex(await indexOf([second, first]), 'a', header, 'a.db');
  expect(index).toEqual({
    rows: 2,
    blobPage: Int32Array.of(0, 0),
    blobStart: Int32Array.of(0, 50),
    blobEnd: Int32Array.of(50, 100),
    rawPage: Int32Array.of(1, 1),
    rawStart: Int32Array.of(0, 13),
    rawEnd: Int32Array.of(13, 26),
  });
});

const bad: Record<string, readonly unknown[]> = {
  'a blob that ends beyond its page': [1, 1, 13, 26, 0, 0, 50, 101],
  'a blob shorter than its length field': [1, 1, 13, 26, 0, 0, 50, 57],
  'a blob that begins before its page': [1, 1, 13, 26, 0, 0, -1, 50],
  'a place that is no number': [1, 1, 13, 26, 0, 0, 'x', 100],
  'a place that is no integer': [1, 1, 13, 26, 0, 0, 50.5, 100],
  'a place beyond 2^53': [1, 1, 13, 26, 0, 0, 50, '9223372036854775807'],
  'a row group that no page has': [1, 1, 13, 26, 7, 0, 50, 100],
  'a raw row beyond its page': [1, 1, 13, 27, 0, 0, 50, 100],
  'raw rows in a page that is none of theirs': [1, 0, 13, 26, 0, 0, 50, 100],
};
for (const [what, row] of Object.entries(bad)) {
  test(`${what} is a damaged index, and the row is named`, async () => {
    const reading = readRowIndex(await indexOf([first, row]), 'a', header, 'a.db');
    await expect(reading).rejects.toMatchObject({ code: 'index-damaged', file: 'a.db', row: 1 });
  });
}

test('rows that the header does not know of, or that are missing, are damage', async () => {
  const more = await indexOf([first, second, [2, 1, 13, 26, 0, 0, 50, 100]]);
  await expect(readRowIndex(more, 'a', header, 'a.db')).rejects.toThrow("more rows than the header's 2");
  const fewer = await indexOf([first]);
  await expect(readRowIndex(fewer, 'a', header, 'a.db')).rejects.toThrow('1 rows, the header tells of 2');
});

test('a header that promises more rows than the index has bytes for gets nothing allocated', async () => {
  const promising = { ...header, pages: [{ ...blob, endRow: 2_000_000_000 }, raw] };
  const reading = readRowIndex(await indexOf([first]), 'a', promising, 'a.db');
  await expect(reading).rejects.toThrow(/\d+ bytes cannot hold the header's 2000000000 rows/);
});

test('an index of another file, without its tables, or that is no database, says so', async () => {
  const bytes = await indexOf([first, second]);
  await expect(readRowIndex(bytes, 'b', header, 'b.db')).rejects.toMatchObject({ code: 'name-mismatch', file: 'b.db' });
  const changes = ['DROP TABLE INDEXES', 'DELETE FROM SHARD_NAME', 'DROP TABLE SHARD_NAME'];
  for (const sql of changes) {
    await expect(readRowIndex(await indexOf([first, second], sql), 'a', header, 'a.db')).rejects.toMatchObject({
      code: expect.stringMatching(/index-damaged|name-mismatch/),
    });
  }
  const text = new TextEncoder().encode('no database'.repeat(1000));
  await expect(readRowIndex(text, 'a', header, 'a.db')).rejects.toMatchObject({ code: 'index-damaged' });
  await expect(readRowIndex(new Uint8Array(), 'a', header, 'a.db')).rejects.toMatchObject({ code: 'index-damaged' });
});

test('a view in place of the table is not run', async () => {
  const endless = `DROP TABLE INDEXES; CREATE VIEW INDEXES AS WITH RECURSIVE r(ROW_ID) AS
    (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT * FROM r`;
  const reading = readRowIndex(await indexOf([first, second], endless), 'a', header, 'a.db');
  await expect(reading).rejects.toThrow('the tables INDEXES and SHARD_NAME are missing');
});
