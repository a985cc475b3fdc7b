import { elementCount } from '@cairn/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Layout } from './layout.ts';
import { replicated } from './layout.ts';
import { fullShape, isCut, replicaGroups, sliceOf, sliceShape } from './slice.ts';

/** A layout of the notation dev [2,4], map [1,-1], shards 2. */
function layoutOf(deviceMatrix: number[], tensorMap: (number | number[])[], shards = 0): Layout {
  return { deviceMatrix, tensorMap, optimizerShardSize: shards, optimizerShardStep: shards === 0 ? 0 : 1 };
}

/** The slices of all ranks of a stage. */
function slices(layout: Layout, shape: readonly number[]): readonly (readonly (readonly [number, number])[])[] {
  const ranks = layout.deviceMatrix.reduce((a, b) => a * b, 1);
  return Array.from({ length: ranks }, (_, rank) => sliceOf(layout, shape, rank));
}

/** Layouts with shapes they divide: up to four device dimensions, flat and nested maps, with and without optimizer. */
const laidOut: fc.Arbitrary<{ layout: Layout; shape: number[] }> = fc
  .record({
    deviceMatrix: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    owners: fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }),
    axes: fc.integer({ min: 1, max: 3 }),
    units: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 3, maxLength: 3 }),
    reverse: fc.boolean(),
    pick: fc.nat(),
  })
  .map(({ deviceMatrix, owners, axes, units, reverse, pick }) => {
    const count = deviceMatrix.length;
    const ownerOf = (device: number): number => (owners[device]! < axes ? owners[device]! : -1);
    const indices = deviceMatrix.map((_, device) => device);
    const mapOf = (axis: number): number | number[] => {
      const own = indices.filter((device) => ownerOf(device) === axis).map((device) => count - 1 - device);
      if (own.length === 0) return -1;
      return own.length === 1 ? own[0]! : reverse ? own.toReversed() : own;
    };
    const sizeOf = (axis: number): number =>
      indices.filter((device) => ownerOf(device) === axis).reduce((size, device) => size * deviceMatrix[device]!, 1);
    const replicas = sizeOf(-1);
    const divisors = Array.from({ length: replicas }, (_, i) => i + 1).filter((size) => replicas % size === 0);
    const shards = [0, -1, ...divisors][pick % (divisors.length + 2)]!;
    const pieces = shards === 0 ? 1 : shards === -1 ? replicas : shards;
    const shape = Array.from({ length: axes }, (_, axis) => sizeOf(axis) * units[axis]! * (axis === 0 ? pieces : 1));
    return {
      layout: layoutOf(
        deviceMatrix,
        Array.from({ length: axes }, (_, axis) => mapOf(axis)),
        shards,
      ),
      shape,
    };
  });

test('the slices of the replica groups cover a tensor exactly once', () => {
  fc.assert(
    fc.property(laidOut, ({ layout, shape }) => {
      const held = new Uint8Array(elementCount(shape));
      for (const [first] of replicaGroups(layout, shape)) {
        const box = sliceOf(layout, shape, first!);
        const walk = (axis: number, at: number): void => {
          if (axis === shape.length) held[at]! += 1;
          else for (let i = box[axis]![0]; i < box[axis]![1]; i++) walk(axis + 1, at * shape[axis]! + i);
        };
        walk(0, 0);
      }
      expect(held.every((times) => times === 1)).toBe(true);
    }),
  );
});

test('every rank is in one replica group, and ranks of a group hold the same', () => {
  fc.assert(
    fc.property(laidOut, ({ layout, shape }) => {
      const groups = replicaGroups(layout, shape);
      const all = slices(layout, shape);
      expect(groups.flat().toSorted((a, b) => a - b)).toEqual([...all.keys()]);
      for (const group of groups) {
        expect(group).toEqual(group.toSorted((a, b) => a - b));
        for (const rank of group) expect(all[rank]).toEqual(all[group[0]!]);
      }
    }),
  );
});

test('groups are of one size, and a tensor is cut when there is more than one of them', () => {
  fc.assert(
    fc.property(laidOut, ({ layout, shape }) => {
      const groups = replicaGroups(layout, shape);
      expect(new Set(groups.map(({ length }) => length)).size).toBe(1);
      expect(isCut(layout)).toBe(groups.length > 1);
    }),
  );
});

test('the full shape is found again from a slice', () => {
  fc.assert(
    fc.property(laidOut, ({ layout, shape }) => {
      expect(fullShape(layout, sliceShape(layout, shape))).toEqual(shape);
    }),
  );
});

test('the embedding of two data-parallel and two model-parallel ranks is cut by rows, then by the optimizer', () => {
  expect(slices(layoutOf([2, 2], [0, -1]), [32000, 512]).map(([rows]) => rows)).toEqual([
    [0, 16000],
    [16000, 32000],
    [0, 16000],
    [16000, 32000],
  ]);
  expect(slices(layoutOf([2, 2], [0, -1], 2), [32000, 512]).map(([rows]) => rows)).toEqual([
    [0, 8000],
    [16000, 24000],
    [8000, 16000],
    [24000, 32000],
  ]);
});

test('a weight cut along its inputs is cut along its outputs by the optimizer', () => {
  expect(slices(layoutOf([2, 2], [-1, 0], 2), [512, 512])).toEqual([
    [
      [0, 256],
      [0, 256],
    ],
    [
      [0, 256],
      [256, 512],
    ],
    [
      [256, 512],
      [0, 256],
    ],
    [
      [256, 512],
      [256, 512],
    ],
  ]);
});

test('which optimizer piece a rank holds depends on the tensor: of a norm it follows the model-parallel place', () => {
  expect(slices(layoutOf([2, 2], [-1], 2), [512])).toEqual([[[0, 256]], [[256, 512]], [[0, 256]], [[256, 512]]]);
  expect(replicaGroups(layoutOf([2, 2], [-1], 2), [512])).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test('fewer optimizer pieces than replicas go to consecutive replicas', () => {
  expect(replicaGroups(layoutOf([4, 8], [0, -1], 2), [64, 3])[0]).toEqual([0, 16]);
});

test('in a nested map the first device dimension is the most significant', () => {
  expect(slices(layoutOf([2, 2], [[0, 1]]), [4])).toEqual([[[0, 1]], [[2, 3]], [[1, 2]], [[3, 4]]]);
});

test('a scalar is held whole by every rank', () => {
  expect(slices(replicated(0, [2]), [])).toEqual([[], []]);
  expect(isCut(replicated(0, [2]))).toBe(false);
});

test.each([
  ['an axis that does not divide', layoutOf([3], [0]), [4], 'not-divisible', /axis 0 .* does not divide into 3 pieces/],
  ['another number of axes', layoutOf([2], [0]), [4, 4], 'layout-invalid', /one entry an axis/],
  ['a device dimension that is not there', layoutOf([2], [1]), [4], 'layout-invalid', /0 to 0/],
  ['a device dimension used twice', layoutOf([2], [0, 0]), [4, 4], 'layout-invalid', /twice/],
  ['devices of size zero', layoutOf([0], [-1]), [4], 'layout-invalid', /positive/],
  ['optimizer pieces that do not divide the replicas', layoutOf([4], [-1], 3), [12], 'layout-invalid', /3 pieces/],
  ['a scalar cut by the optimizer', layoutOf([2], [], -1), [], 'layout-invalid', /scalar/],
] as const)('%s is refused', (_, layout, shape, code, message) => {
  expect(() => sliceOf(layout, shape, 0)).toThrow(expect.objectContaining({ code }));
  expect(() => sliceOf(layout, shape, 0)).toThrow(message);
});

test('a rank outside the stage is refused', () => {
  expect(() => sliceOf(layoutOf([2], [0]), [4], 2)).toThrow(/rank 2 is not one of the stage's 2/);
});
