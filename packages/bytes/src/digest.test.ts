import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Box } from './digest.ts';
import { TensorDigest, tensorDigest } from './digest.ts';
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

const types: ElementType[] = ['Int8', 'BFloat16', 'Float32', 'Int64'];

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
