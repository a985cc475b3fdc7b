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

test.each([
  ['', 0],
  ['a', 0xe8b7be43],
  ['123456789', 0xcbf43926],
  ['The quick brown fox jumps over the lazy dog', 0x414fa339],
])('of "%s" is the published value', (text, crc) => {
  expect(crc32(new TextEncoder().encode(text))).toBe(crc);
});

test('of 32 zeros and of 32 bytes of ones are the published values', () => {
  expect(crc32(new Uint8Array(32))).toBe(0x190a55ad);
  expect(crc32(new Uint8Array(32).fill(255))).toBe(0xff6cab0b);
});

test('of nothing keeps what was before', () => {
  expect(crc32(new Uint8Array(0), 0x12345678)).toBe(0x12345678);
});
