import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { MindRecordLayout } from '../src/index.ts';
import { openMindRecord } from '../src/index.ts';
import { golden, goldenFolder, spelled } from './golden.ts';

for (const { spec, parts } of golden) {
  for (const [name, part] of Object.entries(parts)) {
    test(`${name} of the real library reads as the real library reads it`, async () => {
      const folder = goldenFolder([name]);
      expect(createHash('sha256').update(folder.files.get(name)!).digest('hex')).toBe(part.sha256);
      const file = await openMindRecord(folder.open, [name]);
      expect(file.rows).toBe(part.rows.length);
      expect(file.columns).toEqual(
        Object.keys(spec.schema)
          .sort()
          .map((name) => ({
            name,
            type: spec.schema[name]!.type,
            ...(spec.schema[name]!.shape && { shape: spec.schema[name]!.shape }),
          })),
      );
      expect(file.layout).toEqual(layoutOf(part.header));
      const rows = await file.read(Array.from({ length: file.rows }, (_, i) => i));
      rows.forEach((row, i) => {
        for (const column of file.columns) {
          const expected = part.rows[i]![column.name];
          // The writer had the double; the column is float32, and the reader delivers float32.
          const rounded = column.type === 'float32' && typeof expected === 'number' ? Math.fround(expected) : expected;
          expect(spelled(column, row[column.name]!)).toEqual(rounded);
        }
      });
      await file.close();
    });
  }
}

/** What the header that the real library wrote says. */
function layoutOf(text: string): MindRecordLayout {
  // As MindSpore spells it (docs/formats/mindrecord.md, "Header").
  const header = JSON.parse(text) as {
    version: '3.0';
    header_size: number;
    page_size: number;
    page: unknown[] | null;
    schema: [{ desc: string }];
    index_fields: { index_field: string }[] | null;
    shard_addresses: string[];
  };
  return {
    version: header.version,
    description: header.schema[0].desc,
    headerBytes: header.header_size,
    pageBytes: header.page_size,
    indexFields: (header.index_fields ?? []).map((field) => field.index_field),
    pages: [header.page?.length ?? 0],
    shards: header.shard_addresses.length,
  };
}

test('one shard by its name opens the whole set, a list exactly the named files', async () => {
  const names = [0, 1, 2, 3].map((i) => `four.mindrecord${i}`);
  const folder = goldenFolder(names);
  const set = await openMindRecord(folder.open, 'four.mindrecord2');
  expect(set.files.map((file) => file.name)).toEqual(names);
  expect(set.rows).toBe(30);
  const some = await openMindRecord(folder.open, [names[3]!, names[0]!, names[3]!]);
  expect(some.rows).toBe(set.files[3]!.rows * 2 + set.files[0]!.rows);
  const [first] = await some.read([set.files[3]!.rows], ['k']);
  const [again] = await set.read([0], ['k']);
  expect(first).toEqual(again);
});
