import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minstdRand0, mt19937, uniform } from './random-engine.ts';

test('the engines give the values the C++ standard names', () => {
  const minstd = minstdRand0(1);
  const mt = mt19937(5489);
  const last = (engine: { next(): number }): number => Array.from({ length: 10_000 }, () => engine.next()).at(-1)!;
  expect(last(minstd) + 1).toBe(1043618065);
  expect(last(mt)).toBe(4123659995);
});

test('minstd_rand0 is x = 16807 x mod 2^31 - 1, for every seed', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), (seed) => {
      const engine = minstdRand0(seed);
      let x = BigInt(seed) % 2147483647n || 1n;
      for (let i = 0; i < 5; i++) {
        x = (x * 16807n) % 2147483647n;
        expect(engine.next()).toBe(Number(x) - 1);
      }
    }),
  );
});

test('a uniform draw stays below its count and takes the next value where a count does not divide the range', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 1, max: 2 ** 30 }), (seed, count) => {
      const drawn = uniform(mt19937(seed), count);
      expect(drawn).toBeGreaterThanOrEqual(0);
      expect(drawn).toBeLessThan(count);
    }),
  );
  const values = [9, 10, 3];
  const engine = { range: 10, next: () => values.shift()! };
  // scale 3, values from 9 on would favour none of 0 to 2 evenly.
  expect(uniform(engine, 3)).toBe(1);
  expect(values).toEqual([]);
});
