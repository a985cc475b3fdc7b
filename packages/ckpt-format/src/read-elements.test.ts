import { sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { laterSource } from '../test/sources.ts';
import type { StoredTensor } from './index.ts';
import { readElements, readTensor } from './index.ts';

/** A float32 tensor whose content is cut into chunks anywhere, with other bytes between them. */
const anyCutTensor = fc
  .record({ elements: fc.integer({ min: 1, max: 12 }), cuts: fc.array(fc.nat(48)), gap: fc.nat(3) })
  .map(({ elements, cuts, gap }) => {
    const bytes = elements * 4;
    const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes), bytes])].toSorted((a, b) => a - b);
    const chunks = ends.map((end, i) => {
      const begin = ends[i - 1] ?? 0;
      return { offset: begin + gap * i, bytes: end - begin };
    });
    const tensor: StoredTensor = { dtype: 'Float32', storedAs: 'Float32', shape: [elements], bytes, chunks };
    return { tensor, elements, source: sourceOf(Uint8Array.from({ length: bytes + gap * ends.length }, (_, i) => i)) };
  });

test('a run of elements is that part of the whole tensor, wherever the file cuts it', async () => {
  const property = fc.asyncProperty(
    anyCutTensor,
    fc.nat(12),
    fc.nat(12),
    async ({ tensor, elements, source }, i, j) => {
      const begin = Math.min(i, j, elements);
      const end = Math.min(Math.max(i, j), elements);
      const whole = readTensor(source, tensor) as Uint8Array; // the source answers at once
      expect(readElements(source, tensor, begin, end)).toEqual(whole.slice(begin * 4, end * 4));
      expect(await readElements(laterSource(source), tensor, begin, end)).toEqual(whole.slice(begin * 4, end * 4));
    },
  );
  await fc.assert(property);
});

test('elements of bfloat16 that is stored as float32 are counted as float32 in the file', () => {
  const source = sourceOf(Uint8Array.of(0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 5, 6));
  const chunks = [{ offset: 0, bytes: 12 }];
  const tensor: StoredTensor = { dtype: 'BFloat16', storedAs: 'Float32', shape: [3], bytes: 6, chunks };
  expect(readElements(source, tensor, 1, 3)).toEqual(Uint8Array.of(3, 4, 5, 6));
});

test('a run that is not inside the tensor is a mistake of the caller', () => {
  const chunks = [{ offset: 0, bytes: 8 }];
  const tensor = { name: 'w', dtype: 'Float32', storedAs: 'Float32', shape: [2], bytes: 8, chunks } as const;
  const source = sourceOf(new Uint8Array(8));
  for (const [begin, end] of [
    [-1, 1],
    [0, 3],
    [2, 1],
    [NaN, 1],
  ] as const) {
    expect(() => readElements(source, tensor, begin, end)).toThrow(RangeError);
  }
});
