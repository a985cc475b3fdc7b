import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutRowGroups } from './row-groups.ts';

const PAGE = 100;
const row = fc.record({ blobBytes: fc.integer({ min: 8, max: PAGE }), rawBytes: fc.integer({ min: 8, max: PAGE }) });

test('no group overflows its page, and none could have taken the next row', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const ends = cutRowGroups(rows, { blobBytes: 0, rawBytes: 0 }, PAGE);
      const sums = ends.map((end, i) => {
        const group = rows.slice(ends[i - 1] ?? 0, end);
        return [group, rows[end]].flat().reduce(
          ({ blob, raw, over }, row, at) => {
            const next = { blob: blob + (row?.blobBytes ?? 0), raw: raw + (row?.rawBytes ?? 0) };
            return { ...next, over: at < group.length ? Math.max(next.blob, next.raw) > PAGE : over };
          },
          { blob: 0, raw: 0, over: false },
        );
      });
      expect(ends.at(-1)).toBe(rows.length);
      expect(ends[0]).toBe(0);
      for (const { over } of sums) expect(over).toBe(false);
      for (const { blob, raw } of sums.slice(1, -1)) expect(Math.max(blob, raw)).toBeGreaterThan(PAGE);
    }),
  );
});

test('rows given one by one are cut like rows given together', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const together = cutRowGroups(rows, { blobBytes: 0, rawBytes: 0 }, PAGE).slice(0, -1);
      const starts: number[] = [];
      let open = { blobBytes: 0, rawBytes: 0 };
      rows.forEach((row, i) => {
        const [end] = cutRowGroups([row], open, PAGE);
        if (end === 0) starts.push(i);
        const before = end === 0 ? { blobBytes: 0, rawBytes: 0 } : open;
        open = { blobBytes: before.blobBytes + row.blobBytes, rawBytes: before.rawBytes + row.rawBytes };
      });
      expect(starts).toEqual(together);
    }),
  );
});
