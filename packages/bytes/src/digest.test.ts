import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Box } from './digest.ts';
import { digestKernel, TensorDigest, tensorDigest } from './digest.ts';
import type { ElementType } from './element-type.ts';
import { elementBytes, elementCount } from './element-type.ts';

const GOLDEN = 0x9e3779b97f4a7c15n;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The definition, element by element. */
function plainSum(width: number, bytes: Uint8Array): bigint {
  let sum = 0n;
  for (let p = 0; p < bytes.length / width; p++) {
    let element = 0n;
    for (let i = width - 1; i >= 0; i--) element = (element << 8n) | BigInt(bytes[p * width + i] ?? 0);
    const h = u64(BigInt(p + 1) * GOLDEN);
    sum = u64(sum + u64(element + BigInt(p)) * ((h ^ (h >> 32n)) | 1n));
  }
  return sum;
}

const types: ElementType[] = ['Bool', 'Int8', 'BFloat16', 'UInt16', 'Float32', 'Int64', 'Float64'];

/** A tensor (type, shape, bytes) and one cut point an axis. */
const cutTensor = fc
  .record({
    type: fc.constantFrom(...types),
    shape: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
  })
  .chain(({ type, shape }) =>
    fc.record({
      type: fc.constant(type),
      shape: fc.constant(shape),
      bytes: fc.uint8Array({
        minLength: elementCount(shape) * elementBytes(type),
        maxLength: elementCount(shape) * elementBytes(type),
      }),
      cuts: fc.tuple(...shape.map((size) => fc.integer({ min: 0, max: size }))),
    }),
  );

/** All blocks that arise when each axis is cut at its cut point; empty blocks are left out. */
function blocks(shape: readonly number[], cuts: readonly number[]): Box[] {
  return shape.reduce<Box[]>(
    (boxes, size, axis) => {
      const cut = cuts[axis] ?? 0;
      const ranges = [[0, cut] as const, [cut, size] as const].filter(([begin, end]) => end > begin);
      return boxes.flatMap((box) => ranges.map((range) => [...box, range]));
    },
    [[]],
  );
}

function sliceBytes(bytes: Uint8Array, shape: readonly number[], box: Box, width: number): Uint8Array {
  let positions = [0];
  shape.forEach((size, axis) => {
    const [begin, end] = box[axis] ?? [0, size];
    positions = positions.flatMap((p) => Array.from({ length: end - begin }, (_, i) => p * size + begin + i));
  });
  return Uint8Array.from(positions.flatMap((p) => [...bytes.subarray(p * width, (p + 1) * width)]));
}

test('the digest is the sum of its definition', () => {
  fc.assert(
    fc.property(cutTensor, ({ type, shape, bytes }) => {
      const empty = BigInt(`0x${new TensorDigest(type, shape).value()}`);
      expect(BigInt(`0x${tensorDigest(type, shape, bytes)}`)).toBe(u64(empty + plainSum(elementBytes(type), bytes)));
    }),
  );
});

test('the digest of the slices is the digest of the whole, in any order', () => {
  fc.assert(
    fc.property(cutTensor, ({ type, shape, bytes, cuts }) => {
      const pieces = new TensorDigest(type, shape);
      for (const box of blocks(shape, cuts).reverse()) {
        pieces.addBox(sliceBytes(bytes, shape, box, elementBytes(type)), box);
      }
      expect(pieces.value()).toBe(tensorDigest(type, shape, bytes));
    }),
  );
});

/** Cuts a box again and again, each time one of its parts across one axis, as the numbers say. */
function cutUp(box: Box, numbers: readonly number[]): Box[] {
  return numbers.reduce<Box[]>(
    (parts, number) => {
      const chosen = parts[number % parts.length] ?? box;
      const axis = (number >>> 4) % box.length;
      const [begin, end] = chosen[axis] ?? [0, 0];
      if (end - begin < 2) return parts;
      const place = begin + 1 + ((number >>> 8) % (end - begin - 1));
      const half = (from: number, to: number): Box => chosen.map((range, i) => (i === axis ? [from, to] : range));
      return [...parts.filter((part) => part !== chosen), half(place, end), half(begin, place)];
    },
    [box],
  );
}

test('the digest of the slices is that of the whole however the tensor is cut up', () => {
  fc.assert(
    fc.property(cutTensor, fc.array(fc.nat(2 ** 20), { maxLength: 12 }), ({ type, shape, bytes }, numbers) => {
      const pieces = new TensorDigest(type, shape);
      const whole = shape.map((size) => [0, size] as const);
      for (const box of cutUp(whole, numbers)) {
        pieces.addBox(sliceBytes(bytes, shape, box, elementBytes(type)), box);
      }
      expect(pieces.value()).toBe(tensorDigest(type, shape, bytes));
    }),
  );
});

test('rows of any length digest as their definition says, whatever is left behind the last four', () => {
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.integer({ min: 0, max: 37 }), fc.nat(1000), (type, count, seed) => {
      const bytes = Uint8Array.from({ length: count * elementBytes(type) }, (_, i) => (i + seed) * 151);
      const empty = BigInt(`0x${new TensorDigest(type, [count]).value()}`);
      expect(BigInt(`0x${tensorDigest(type, [count], bytes)}`)).toBe(u64(empty + plainSum(elementBytes(type), bytes)));
    }),
  );
});

test('a scalar and a tensor of nothing have a digest', () => {
  expect(tensorDigest('Int32', [], new Uint8Array(4))).toMatch(/^[0-9a-f]{16}$/);
  expect(tensorDigest('Int32', [0, 3], new Uint8Array(0))).toBe(new TensorDigest('Int32', [0, 3]).value());
});

test('the kernel on a memory of the host gives the same sum', () => {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const bytes = Uint8Array.from({ length: 24 }, (_, i) => i * 41);
  new Uint8Array(memory.buffer, 65536).set(bytes);
  const sum = digestKernel(memory).digest(4, 65536, 2, 3, 0n, 3n);
  expect(u64(sum)).toBe(plainSum(4, bytes));
});

test.each<[string, readonly number[], Box, number]>([
  [
    'too few bytes',
    [2, 3],
    [
      [0, 2],
      [0, 2],
    ],
    15,
  ],
  [
    'too many bytes',
    [2, 3],
    [
      [0, 2],
      [0, 2],
    ],
    20,
  ],
  [
    'a range beyond the axis',
    [2, 3],
    [
      [0, 2],
      [2, 4],
    ],
    16,
  ],
  [
    'a range backwards',
    [2, 3],
    [
      [0, 2],
      [2, 1],
    ],
    0,
  ],
  ['an axis too few', [2, 3], [[0, 2]], 24],
])('a slice with %s is refused', (_, shape, box, length) => {
  expect(() => new TensorDigest('Float32', shape).addBox(new Uint8Array(length), box)).toThrow(RangeError);
});

test('bytes that are not whole elements, or not those of the shape, are refused', () => {
  expect(() => new TensorDigest('Float32', [2]).add(new Uint8Array(7), 0)).toThrow('7 bytes are not whole elements');
  expect(() => tensorDigest('Float32', [3], new Uint8Array(8))).toThrow('the slice takes 12 bytes, 8 were given');
});

test('a tensor larger than the scratch digests like its halves', () => {
  const shape = [3, 200_000];
  const bytes = Uint8Array.from({ length: 2_400_000 }, (_, i) => (i * 31) ^ (i >> 9));
  const halves = new TensorDigest('Float32', shape);
  halves.addBox(
    sliceBytes(
      bytes,
      shape,
      [
        [0, 3],
        [0, 123_456],
      ],
      4,
    ),
    [
      [0, 3],
      [0, 123_456],
    ],
  );
  halves.addBox(
    sliceBytes(
      bytes,
      shape,
      [
        [0, 3],
        [123_456, 200_000],
      ],
      4,
    ),
    [
      [0, 3],
      [123_456, 200_000],
    ],
  );
  expect(halves.value()).toBe(tensorDigest('Float32', shape, bytes));
});

test('a flipped bit, two exchanged elements, another dtype and another shape are noticed', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i * 7);
  const digest = tensorDigest('Float32', [4, 4], bytes);
  const flipped = bytes.map((byte, i) => (i === 37 ? byte ^ 4 : byte));
  const exchanged = Uint8Array.from([...bytes.subarray(4, 8), ...bytes.subarray(0, 4), ...bytes.subarray(8)]);
  expect(tensorDigest('Float32', [4, 4], flipped)).not.toBe(digest);
  expect(tensorDigest('Float32', [4, 4], exchanged)).not.toBe(digest);
  expect(tensorDigest('Int32', [4, 4], bytes)).not.toBe(digest);
  expect(tensorDigest('Float32', [2, 8], bytes)).not.toBe(digest);
});
