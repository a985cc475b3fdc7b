import { describe, expect, test } from 'vitest';
import type { ByteSource } from './source.ts';
import { readBytes, sourceOf } from './source.ts';

const bytes = Uint8Array.from({ length: 10 }, (_, i) => i);
const later = (source: ByteSource): ByteSource => ({
  size: source.size,
  read: async (offset, into) => source.read(offset, into),
});

test('a source that answers at once is read at once, one that answers later gives a promise', async () => {
  expect(readBytes(sourceOf(bytes), 3, 4)).toEqual(bytes.slice(3, 7));
  const promise = readBytes(later(sourceOf(bytes)), 3, 4);
  expect(promise).toBeInstanceOf(Promise);
  expect(await promise).toEqual(bytes.slice(3, 7));
});

test('what is read is a copy: changing it leaves the source alone', () => {
  const source = sourceOf(bytes.slice());
  const first = readBytes(source, 0, 2) as Uint8Array; // it answers at once
  first.fill(99);
  expect(readBytes(source, 0, 2)).toEqual(bytes.slice(0, 2));
});

test('the end of a source: nothing is read there, and reading over it gives what is left', () => {
  const into = new Uint8Array(4);
  expect(sourceOf(bytes).read(8, into)).toBe(2);
  expect([...into]).toEqual([8, 9, 0, 0]);
  expect(sourceOf(bytes).read(10, into)).toBe(0);
  expect(readBytes(sourceOf(bytes), 10, 0)).toEqual(new Uint8Array(0));
});

describe('reading more than there is', () => {
  test.each([
    [7, 4],
    [11, 0],
    [-1, 2],
    [2, -1],
    [Number.NaN, 1],
    [0, Number.NaN],
  ])('from %d, %d bytes, is a RangeError before anything is read', (offset, length) => {
    const untouched: ByteSource = {
      size: 10,
      read: () => {
        throw new Error('read');
      },
    };
    expect(() => readBytes(untouched, offset, length)).toThrow(RangeError);
  });

  test('from a source that is shorter than it says is a RangeError, at once or later', async () => {
    const liar: ByteSource = { size: 100, read: (offset, into) => sourceOf(bytes).read(offset, into) };
    expect(() => readBytes(liar, 8, 4)).toThrow('bytes 8 to 12 are wanted, the source has 100');
    await expect(readBytes(later(liar), 8, 4)).rejects.toThrow(RangeError);
  });

  test('of a size beyond all memory allocates nothing', () => {
    expect(() => readBytes(sourceOf(bytes), 0, 2 ** 50)).toThrow(/are wanted, the source has 10/);
  });
});
