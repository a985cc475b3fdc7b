import zlib from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

test('equals zlib, in one piece and chained', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
      const chained = crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)));
      expect(crc32(bytes)).toBe(zlib.crc32(bytes));
      expect(chained).toBe(zlib.crc32(bytes));
    }),
  );
});
