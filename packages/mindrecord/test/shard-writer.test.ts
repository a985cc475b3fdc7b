import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pageOffset } from '../src/header.ts';
import { IndexWriter } from '../src/index-writer.ts';
import { readRowIndex } from '../src/row-index.ts';
import { ShardWriter } from '../src/shard-writer.ts';
import { MemoryFolder } from './memory-folder.ts';
import { ReferenceWriter } from './reference-writer.ts';

/** Not a size MindSpore allows, but the rule does not depend on it, and full pages come soon. */
const PAGE = 200;
const sizes = { headerBytes: 0, pageBytes: PAGE, bufferBytes: 64 };

const part = (max: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: 1, maxLength: max });
const calls = fc.array(
  fc.array(
    fc.oneof(
      fc.record({ blob: part(20), raw: part(100) }),
      fc.record({ blob: part(192), raw: part(20) }),
      fc.record({ blob: part(60), raw: part(60) }),
    ),
    { maxLength: 6 },
  ),
  { maxLength: 15 },
);

test('pages, bytes and index are those of the rule, also where raw rows move to another page', async () => {
  let moved = 0;
  const property = fc.asyncProperty(calls, async (calls) => {
    const reference = new ReferenceWriter(PAGE);
    const folder = new MemoryFolder();
    const draft = await folder.create('a');
    const index = await IndexWriter.create('a', []);
    const writer = new ShardWriter(draft, index, sizes);
    for (const call of calls) {
      reference.call(call);
      await writer.write(call.map((row) => ({ ...row, indexed: [], savedBytes: 0 })));
    }
    await writer.finish();
    await folder.commit([draft]);
    expect(writer.pages).toEqual(reference.pages);
    expect(folder.files.get('a')).toEqual(reference.bytes);
    const rows = calls.flat();
    moved += reference.moves;

    const found = await readRowIndex(index.finish(), 'a', { ...sizes, pages: writer.pages } as never, 'a.db');
    expect(found.rows).toBe(rows.length);
    rows.forEach(({ blob, raw }, row) => {
      const blobAt = pageOffset(sizes, found.blobPage[row]!);
      const rawAt = pageOffset(sizes, found.rawPage[row]!);
      expect(reference.bytes.slice(blobAt + found.blobStart[row]! + 8, blobAt + found.blobEnd[row]!)).toEqual(blob);
      expect(reference.bytes.slice(rawAt + found.rawStart[row]! + 8, rawAt + found.rawEnd[row]!)).toEqual(raw);
    });
  });
  await fc.assert(property, { numRuns: 300 });
  expect(moved).toBeGreaterThan(10);
});
