import { sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Header } from './header.ts';
import { headerJson, headerSignature } from './header.ts';
import { readHeader } from './read-header.ts';

const header = fc
  .record({
    version: fc.constantFrom('2.0' as const, '3.0' as const),
    headerBytes: fc.constantFrom(16384, 2 ** 24),
    pageBytes: fc.constantFrom(32768, 2 ** 28),
    // Names that JSON.stringify would put first, and names that are no property of a plain object.
    raw: fc.subarray(['0', '10', '9', 'Z', 'constructor']),
    rowsPerPage: fc.array(fc.nat(1000), { maxLength: 5 }),
    description: fc.string({ unit: 'binary' }),
    shardId: fc.nat(3),
    compressionBytes: fc.nat(),
  })
  .map(({ raw, rowsPerPage, ...rest }): Header => {
    const columns = [
      ...raw.map((name) => ({ name, type: 'string' as const })),
      { name: 'v', type: 'int64', shape: [2, -1] } as const,
    ];
    let row = 0;
    const blobs = rowsPerPage.map((rows, i) => ({
      id: i + (i > 0 ? 1 : 0),
      type: 'BLOB_DATA' as const,
      typeId: i,
      startRow: row,
      endRow: (row += rows),
      groups: [{ id: 0, offset: 0 }],
      usedBytes: rows,
    }));
    const raws = { id: 1, type: 'RAW_DATA' as const, typeId: 0, startRow: 0, endRow: 0, usedBytes: 32768 };
    const groups = blobs.map((_, id) => ({ id, offset: 13 * id }));
    return {
      ...rest,
      columns,
      blobFields: ['v'],
      indexFields: raw,
      pages: blobs.length === 0 ? [] : [...blobs, { ...raws, groups }],
      shardNames: ['a0', 'a1', 'a2', 'ä3'],
    };
  });

test('a header that is written is the header that is read', async () => {
  await fc.assert(
    fc.asyncProperty(header, async (header) => {
      const json = new TextEncoder().encode(headerJson(header));
      const bytes = new Uint8Array(8 + json.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
      bytes.set(json, 8);
      const read = await readHeader(sourceOf(bytes), 'a');
      expect(read).toEqual(header);
      expect(headerSignature(read)).toBe(headerSignature(header));
    }),
  );
});

test('columns are written in byte order, whatever they are called', () => {
  fc.assert(
    fc.property(header, (header) => {
      const schema = headerJson(header).split('"schema":{')[1]!;
      const positions = header.columns.map(({ name }) => schema.indexOf(`"${name}":{`));
      expect(positions).toEqual([...positions].sort((a, b) => a - b));
    }),
  );
});
