import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adamStep, sumOfSquares } from './kernel.ts';
import type { AdamArrays, AdamNumbers } from './kernel.ts';

/** Elements of a block; lengths around it are where a kernel that works in blocks goes wrong. */
const BLOCK = 4096;

/** Every float32: zeros of both signs, subnormals, infinities and NaN among them. */
const anyFloat = fc.float();
const anyLength = fc.oneof(
  { weight: 8, arbitrary: fc.nat(21) },
  fc.constantFrom(BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 6, 2 * BLOCK + 3),
);
const ordinary = fc.float({ min: -4, max: 4, noNaN: true });

/** As many elements as asked for, from a few: long arrays of them cost too much to generate. */
function repeated(elements: fc.Arbitrary<number>): fc.Arbitrary<(length: number) => Float32Array> {
  return fc
    .array(elements, { minLength: 1, maxLength: 23 })
    .map((few) => (length: number) => Float32Array.from({ length }, (_, i) => few[i % few.length] ?? 0));
}

function anyArrays(elements: fc.Arbitrary<number>): fc.Arbitrary<AdamArrays> {
  const array = repeated(elements);
  return fc.tuple(anyLength, array, array, array, array).map(([length, values, gradient, m, v]) => ({
    values: values(length),
    gradient: gradient(length),
    m: m(length),
    v: v(length).map(Math.abs),
  }));
}

const anyNumbers: fc.Arbitrary<AdamNumbers> = fc.record({
  beta1: fc.double({ min: 0, max: 0.999, noNaN: true }),
  beta2: fc.double({ min: 0, max: 0.999, noNaN: true }),
  eps: fc.constantFrom(1e-8, 1e-6),
  gradientScale: fc.constantFrom(1, 0.25, 1 / 65_536, 0.3),
  keep: fc.double({ min: 0.9, max: 1, noNaN: true }),
  rate: fc.double({ min: 0, max: 0.1, noNaN: true }),
  correction: fc.double({ min: 1, max: 40, noNaN: true }),
});

/** The formula of the kernel, each operation rounded to float32. */
function plainAdamStep({ values, gradient, m, v }: AdamArrays, numbers: AdamNumbers): void {
  const f = Math.fround;
  const [b1, b2] = [f(numbers.beta1), f(numbers.beta2)];
  for (let i = 0; i < values.length; i++) {
    const g = f(gradient[i]! * f(numbers.gradientScale));
    m[i] = f(f(b1 * m[i]!) + f(f(1 - b1) * g));
    v[i] = f(f(b2 * v[i]!) + f(f(1 - b2) * f(g * g)));
    const root = f(f(f(Math.sqrt(v[i]!)) * f(numbers.correction)) + f(numbers.eps));
    values[i] = f(f(values[i]! * f(numbers.keep)) - f(f(numbers.rate) * f(m[i]! / root)));
  }
}

function copyOf({ values, gradient, m, v }: AdamArrays): AdamArrays {
  return { values: values.slice(), gradient: gradient.slice(), m: m.slice(), v: v.slice() };
}

describe('the kernel', () => {
  test.each([
    ['ordinary numbers', ordinary],
    ['any float32, NaN and infinities among them', anyFloat],
  ])('updates as its formula says, bit for bit, for any length: %s', (_, elements) => {
    fc.assert(
      fc.property(anyArrays(elements), anyNumbers, (arrays, numbers) => {
        const [byKernel, plain] = [copyOf(arrays), copyOf(arrays)];
        adamStep(byKernel, numbers);
        plainAdamStep(plain, numbers);
        expect(byKernel).toEqual(plain);
      }),
    );
  });

  test('a NaN or an infinity spoils its own element and no other', () => {
    const arrays = { values: new Float32Array(9).fill(1), gradient: new Float32Array(9).fill(0.5) };
    arrays.gradient[3] = NaN;
    arrays.gradient[8] = Infinity;
    const numbers = { beta1: 0.9, beta2: 0.99, eps: 1e-8, gradientScale: 1, keep: 1, rate: 0.1, correction: 1 };
    adamStep({ ...arrays, m: new Float32Array(9), v: new Float32Array(9) }, numbers);
    expect([...arrays.values].map(Number.isFinite)).toEqual([true, true, true, false, true, true, true, true, false]);
  });
});

describe('the sum of squares', () => {
  test('is exact where every sum is: whole numbers, any length', () => {
    const whole = fc.integer({ min: -4096, max: 4096 });
    fc.assert(
      fc.property(anyLength, repeated(whole), (length, make) => {
        const values = make(length);
        expect(sumOfSquares(values)).toBe(values.reduce((total, x) => total + x * x, 0));
      }),
    );
  });

  test('is within 1e-12 of the exact sum, and the same each time', () => {
    fc.assert(
      fc.property(anyLength, repeated(fc.float({ min: -1000, max: 1000, noNaN: true })), (length, make) => {
        const values = make(length);
        const exact = compensatedSum(Array.from(values, (x) => x * x));
        const sum = sumOfSquares(values);
        expect(Math.abs(sum - exact)).toBeLessThanOrEqual(1e-12 * exact);
        expect(sumOfSquares(values)).toBe(sum);
      }),
    );
  });

  test('of the largest float32 does not overflow; a NaN or an infinity anywhere shows', () => {
    const largest = Math.fround(3.4028234663852886e38);
    expect(sumOfSquares(new Float32Array(8).fill(largest))).toBe(8 * largest ** 2);
    fc.assert(
      fc.property(anyLength, fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), (length, place, bad) => {
        fc.pre(length > 0);
        const values = new Float32Array(length).fill(0.5);
        values[place % length] = bad;
        expect(sumOfSquares(values)).toBe(Number.isNaN(bad) ? NaN : Infinity);
      }),
    );
  });
});

/** Neumaier's sum: what rounding took away is added at the end. */
function compensatedSum(terms: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const term of terms) {
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}
