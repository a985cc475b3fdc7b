import type { Box } from '@cairn/bytes';
import { elementCount, TensorDigest, tensorDigest } from '@cairn/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slicePieces } from './slice-pieces.ts';

/** A tensor of some shape, and a slice of it. */
const anySlice = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    box: fc.tuple(
      ...shape.map((size) =>
        fc.tuple(fc.nat(size), fc.nat(size)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
      ),
    ) as fc.Arbitrary<Box>, // a tuple of ranges, as many as axes
  }),
);

/** The flat positions of a slice in its tensor, in the slice's order. */
function positionsOf(box: Box, shape: readonly number[], axis = 0, origin = 0): number[] {
  const range = box[axis];
  if (range === undefined) return [origin];
  const inner = elementCount(shape.slice(axis + 1));
  const indices = Array.from({ length: range[1] - range[0] }, (_, i) => range[0] + i);
  return indices.flatMap((i) => positionsOf(box, shape, axis + 1, origin + i * inner));
}

test('pieces are the slice one after another, and none is larger than asked for', () => {
  fc.assert(
    fc.property(anySlice, fc.integer({ min: 1, max: 40 }), ({ shape, box }, most) => {
      const pieces = [...slicePieces(box, most)];
      expect(pieces.flatMap((piece) => positionsOf(piece.box, shape))).toEqual(positionsOf(box, shape));
      let next = 0;
      for (const { begin, elements } of pieces) {
        expect(begin).toBe(next);
        expect(elements).toBeGreaterThan(0);
        expect(elements).toBeLessThanOrEqual(most);
        next += elements;
      }
    }),
  );
});

test('the digest of a slice is the same piece by piece', () => {
  fc.assert(
    fc.property(anySlice, fc.integer({ min: 1, max: 40 }), ({ shape, box }, most) => {
      const positions = positionsOf(box, shape);
      const bytes = Uint8Array.from(positions, (position) => position * 37);
      const whole = new TensorDigest('UInt8', shape);
      if (bytes.length > 0) whole.addBox(bytes, box);
      const digest = new TensorDigest('UInt8', shape);
      for (const { begin, elements, box: part } of slicePieces(box, most)) {
        digest.addBox(bytes.subarray(begin, begin + elements), part);
      }
      expect(digest.value()).toBe(whole.value());
    }),
  );
});

test('a slice that is the whole tensor has its digest; few pieces are made', () => {
  const bytes = Uint8Array.from({ length: 6000 }, (_, i) => i);
  const digest = new TensorDigest('UInt8', [3, 20, 100]);
  const pieces = [
    ...slicePieces(
      [
        [0, 3],
        [0, 20],
        [0, 100],
      ],
      1000,
    ),
  ];
  expect(pieces.map(({ elements }) => elements)).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  for (const { begin, elements, box } of pieces) digest.addBox(bytes.subarray(begin, begin + elements), box);
  expect(digest.value()).toBe(tensorDigest('UInt8', [3, 20, 100], bytes));
});
