import type { ElementType } from '@cairn/bytes';
import { combineDigests, elementBytes, elementCount, tensorDigest } from '@cairn/bytes';
import type { Layout } from '@cairn/strategy';
import { optimizerShards } from '@cairn/strategy';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Arrangement } from '../src/index.ts';
import type { Applied, MemoryCheckpoint } from './in-memory.ts';
import { contentsOf, fileOf, numbered, transformed } from './in-memory.ts';

interface Spec {
  readonly name: string;
  readonly dtype: ElementType;
  readonly shape: readonly number[];
}

/** Factors of at most three device dimensions, one of them perhaps 1. */
const deviceMatrix = fc.constantFrom(
  [1],
  [2],
  [4],
  [8],
  [2, 2],
  [2, 4],
  [4, 2],
  [2, 2, 2],
  [2, 1, 4],
  [3],
  [6],
  [2, 3],
);

const dtype = fc.constantFrom<ElementType>('Float32', 'BFloat16', 'Int8', 'Int64', 'Bool');

/** Axes that every device matrix above divides, and small ones that few do. */
const axis = fc.constantFrom(1, 2, 6, 24, 48, 144);

const tensors = fc
  .array(fc.record({ dtype, shape: fc.array(axis, { maxLength: 4 }) }), { minLength: 1, maxLength: 5 })
  .map((specs) =>
    specs
      .filter(({ shape }) => elementCount(shape) <= 20_000)
      .map((spec, i): Spec => ({ name: `layer.${i}.weight`, ...spec })),
  )
  .filter((specs) => specs.length > 0);

/** A layout of a tensor on a device matrix: axes cut where they divide, nested or not, and the optimizer's pieces. */
function layoutOf(matrix: readonly number[], { shape }: Spec): fc.Arbitrary<Layout> {
  const picks = fc.array(fc.nat(99), { minLength: matrix.length + 1, maxLength: matrix.length + 1 });
  return picks.map(([shardPick = 0, ...axisPicks]) => {
    const map: number[][] = shape.map(() => []);
    const left = [...shape];
    for (const [device, pick] of axisPicks.entries()) {
      const axisIndex = pick % (shape.length + 1);
      if (axisIndex === shape.length || left[axisIndex]! % matrix[device]! !== 0) continue;
      left[axisIndex]! /= matrix[device]!;
      map[axisIndex]!.push(matrix.length - 1 - device);
    }
    const tensorMap = map.map((dims) => (dims.length === 0 ? -1 : dims.length === 1 ? dims[0]! : dims.toReversed()));
    const plain: Layout = { deviceMatrix: matrix, tensorMap, optimizerShardSize: 0, optimizerShardStep: 0 };
    const replicas = optimizerShards({ ...plain, optimizerShardSize: -1, optimizerShardStep: 1 });
    const sizes = [0, -1, 2, 3, 4, 8].filter((size) => {
      const pieces = size === -1 ? replicas : size;
      return size === 0 || (shape.length > 0 && replicas % pieces === 0 && left[0]! % pieces === 0);
    });
    const size = sizes[shardPick % sizes.length]!;
    return { ...plain, optimizerShardSize: size, optimizerShardStep: size === 0 ? 0 : 1 };
  });
}

/** An arrangement of tensors over stages; some are tied to two. */
function arrangementFor(specs: readonly Spec[]): fc.Arbitrary<Arrangement> {
  return fc.tuple(deviceMatrix, fc.integer({ min: 1, max: 3 })).chain(([matrix, stages]) =>
    fc.tuple(...specs.map((spec) => layoutOf(matrix, spec))).map((layouts) => ({
      devices: matrix.reduce<number>((product, size) => product * size, 1),
      stages,
      tensors: new Map(
        specs.map(({ name }, i) => {
          const held = i === 0 && stages > 1 ? [0, stages - 1] : [i % stages];
          return [name, held.map((stage) => ({ stage, layout: layouts[i]! }))];
        }),
      ),
    })),
  );
}

const cases = tensors.chain((specs) => fc.tuple(fc.constant(specs), arrangementFor(specs), arrangementFor(specs)));

async function completeOf(specs: readonly Spec[]): Promise<MemoryCheckpoint> {
  const weights = specs.map(({ name, dtype: type, shape }, i) => numbered(name, type, shape, i));
  return new Map([[0, await fileOf([...weights, numbered('global_step', 'Int32', [1], 9)])]]);
}

/** Digests of distinct slices of a transformation, put together. */
function combined({ plan, digests }: Applied, { name, dtype: type }: Spec): string {
  const slices = new Map<string, string>();
  let shape: readonly number[] = [];
  for (const { rank, entries } of plan.files) {
    const entry = entries.find((each) => each.name === name);
    if (entry?.kind !== 'tensor') continue;
    shape = entry.full;
    slices.set(entry.box.join(' '), digests.get(rank)!.get(name)!.digest);
  }
  return combineDigests(type, shape, slices.values());
}

test('full → A → B → full is the identity, whatever the layouts; digests are the same all the way', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([specs, a, b]) => {
      const complete = await completeOf(specs);
      const inA = await transformed(complete, { from: null, to: a });
      const inB = await transformed(inA.files, { from: a, to: b });
      const back = await transformed(inB.files, { from: b, to: null });
      const [before, after] = [await contentsOf(complete.get(0)!), await contentsOf(back.files.get(0)!)];
      expect(new Set(after.keys())).toEqual(new Set(before.keys()));
      for (const spec of specs) {
        expect(after.get(spec.name)).toEqual(before.get(spec.name));
        const { content } = before.get(spec.name)!;
        const digest = tensorDigest(spec.dtype, spec.shape, content);
        for (const step of [inA, inB, back]) expect(combined(step, spec)).toBe(digest);
      }
      expect(after.get('global_step')).toEqual(before.get('global_step'));
    }),
    { numRuns: 120 },
  );
});

test('no byte is read twice for one destination file, and the plan knows how many are read', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ([specs, a, b]) => {
      const inA = await transformed(await completeOf(specs), { from: null, to: a });
      const { plan, read } = await transformed(inA.files, { from: a, to: b });
      let total = 0;
      for (const file of plan.files) {
        const ranges = file.entries.flatMap((entry) => (entry.kind === 'text' ? [] : entry.takes));
        const taken = ranges.reduce((sum, { box, from }) => {
          return sum + elementCount(box.map(([begin, end]) => end - begin)) * elementBytes(from.storedAs);
        }, 0);
        const written = file.entries.reduce((sum, entry) => {
          return entry.kind === 'text' ? sum : sum + elementCount(entry.shape) * elementBytes(entry.dtype);
        }, 0);
        expect(taken).toBe(written);
        total += read.get(file.rank)!;
      }
      // Rows read together are cut where a block is full; what lies between two such pieces is then not read.
      expect(total).toBeLessThanOrEqual(plan.cost.readBytes);
    }),
    { numRuns: 60 },
  );
});

test('elements that do not fit what is left of a block go to the next', async () => {
  const before = numbered('before', 'Int8', [1]);
  for (let bytes = 65_400; bytes < 65_540; bytes++) {
    const specs = [numbered('odd', 'Int8', [bytes]), numbered('wide', 'Int64', [300, 3])];
    const complete = new Map([[0, await fileOf([before, ...specs])]]);
    const { files } = await transformed(complete, { from: null, to: null });
    expect(Buffer.from(files.get(0)!).equals(complete.get(0)!)).toBe(true);
  }
});
