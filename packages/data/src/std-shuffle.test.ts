import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minstdRand0, mt19937 } from './random-engine.ts';
import { stdShuffle } from './std-shuffle.ts';

const identity = (length: number): Int32Array => Int32Array.from({ length }, (_, i) => i);

test('a shuffle loses nothing and doubles nothing, on both sides of the border of pairwise draws', () => {
  const length = fc.oneof(fc.nat(200), fc.constantFrom(46_340, 46_341, 65_535, 65_536));
  fc.assert(
    fc.property(length, fc.nat(2 ** 32 - 1), fc.boolean(), (length, seed, mt) => {
      const shuffled = stdShuffle(identity(length), mt ? mt19937(seed) : minstdRand0(seed));
      expect(shuffled.sort().every((row, i) => row === i)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('the fixture of the data sheet: seed 42, epochs 0 to 2 of ten rows', () => {
  const orders = [43, 44].map((seed) => [...stdShuffle(identity(10), minstdRand0(seed))]);
  expect(orders[0]).toEqual([7, 9, 5, 3, 0, 6, 4, 1, 8, 2]);
  expect(orders[1]!.map((i) => orders[0]![i])).toEqual([9, 4, 1, 8, 3, 0, 6, 5, 7, 2]);
});
