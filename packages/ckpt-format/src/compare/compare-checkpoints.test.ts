import { sourceOf } from '@cairn/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex } from '../../test/build-ckpt.ts';
import { floats, tensorOf } from '../../test/checkpoint-of.ts';
import { anySpecs, filled } from '../../test/any-entries.ts';
import { MemorySink } from '../../test/sources.ts';
import type { CheckpointDifference, EntryToWrite } from '../index.ts';
import { compareCheckpoints, indexCheckpoint, writeCkpt, writeSafetensors } from '../index.ts';
import { PIECE_BYTES } from '../limits.ts';

async function opened(entries: readonly EntryToWrite[], format: 'ckpt' | 'safetensors' = 'ckpt') {
  const sink = new MemorySink();
  await (format === 'ckpt' ? writeCkpt(sink, entries) : writeSafetensors(sink, entries));
  const source = sourceOf(sink.bytes);
  return { source, index: await indexCheckpoint(source, format) };
}

async function compare(
  a: readonly EntryToWrite[],
  b: readonly EntryToWrite[],
  tolerance = 0,
): Promise<CheckpointDifference> {
  return compareCheckpoints(await opened(a), await opened(b), { tolerance });
}

function tensor(dtype: 'Int64' | 'Float32' | 'BFloat16', array: { readonly buffer: ArrayBuffer; length: number }) {
  return { kind: 'tensor', name: 'w', dtype, shape: [array.length], content: new Uint8Array(array.buffer) } as const;
}

test('a checkpoint equals itself, whatever it holds', async () => {
  const property = fc.asyncProperty(anySpecs(), async (specs) => {
    const difference = await compare(filled(specs), filled(specs));
    expect(difference).toEqual({ equal: true, same: specs.length, sameOrder: true, entries: [] });
  });
  await fc.assert(property, { numRuns: 50 });
});

test('the same tensors in the other format and another order are equal', async () => {
  const entries = [floats('b', [1, 2]), tensorOf('a', 'Int64', [2]), floats('c', [3])];
  const difference = await compareCheckpoints(await opened(entries), await opened(entries, 'safetensors'));
  expect(difference).toEqual({ equal: true, same: 3, sameOrder: false, entries: [] });
});

test('what only one has, and what has another form, is named', async () => {
  const a = [floats('gone', [1]), floats('shape', [1, 2]), tensorOf('type', 'Int32', [1]), floats('both', [5])];
  const b = [floats('both', [5]), floats('shape', [1, 2], [2, 1]), floats('type', [1]), floats('new', [1])];
  const { equal, same, entries } = await compare(a, b);
  expect([equal, same]).toEqual([false, 1]);
  expect(entries).toMatchObject([
    { kind: 'only-in-a', name: 'gone' },
    { kind: 'form', name: 'shape', a: { shape: [2] }, b: { shape: [2, 1] } },
    { kind: 'form', name: 'type', a: { dtype: 'Int32' }, b: { dtype: 'Float32' } },
    { kind: 'only-in-b', name: 'new' },
  ]);
});

test('a text differs by its letters, and from a tensor by its kind', async () => {
  const text = { kind: 'text', name: 'note', text: 'old' } as const;
  const { entries } = await compare([text], [{ ...text, text: 'new' }]);
  expect(entries).toEqual([{ kind: 'text', name: 'note', a: 'old', b: 'new' }]);
  expect((await compare([text], [floats('note', [1])])).entries).toMatchObject([{ kind: 'form', name: 'note' }]);
});

test('values: how many differ, from where on, by how much', async () => {
  const { equal, entries } = await compare([floats('w', [1, 2, 4, 0])], [floats('w', [1, 2.5, 3, 0])]);
  expect(equal).toBe(false);
  expect(entries).toMatchObject([
    { kind: 'values', elements: 4, differing: 2, first: 1, maxAbsolute: 1, maxRelative: 0.25, notFinite: 0 },
  ]);
});

test('within the tolerance values are listed, and equal', async () => {
  const a = [floats('w', [1, 2, NaN, Infinity])];
  const b = [floats('w', [1.25, 2, NaN, Infinity])];
  expect(await compare(a, b, 0.25)).toMatchObject({
    equal: true,
    entries: [{ differing: 0, first: null, maxAbsolute: 0.25 }],
  });
  expect(await compare(a, b, 0.125)).toMatchObject({ equal: false, entries: [{ differing: 1, first: 0 }] });
});

test('without a tolerance the bits decide: 0 is not -0, a NaN is another NaN', async () => {
  expect((await compare([floats('w', [0, 1])], [floats('w', [-0, 1])])).entries).toMatchObject([
    { differing: 1, first: 0, maxAbsolute: 0 },
  ]);
  const [quiet, other] = [tensor('Float32', Uint32Array.of(0x7fc00000)), tensor('Float32', Uint32Array.of(0x7fc00001))];
  expect(await compare([quiet], [quiet])).toMatchObject({ equal: true, entries: [] });
  expect((await compare([quiet], [other])).entries).toMatchObject([{ differing: 1, notFinite: 1 }]);
  expect(await compare([quiet], [other], 1e-9)).toMatchObject({ equal: true, entries: [] });
});

test('what is infinite or NaN on one side differs and has no distance', async () => {
  const { entries } = await compare([floats('w', [NaN, Infinity, 1])], [floats('w', [1, -Infinity, 3])], 0.5);
  expect(entries).toMatchObject([{ differing: 3, first: 0, maxAbsolute: 2, notFinite: 2 }]);
});

test('64-bit integers are compared before they are rounded', async () => {
  const [a, b] = [tensor('Int64', BigInt64Array.of(2n ** 60n)), tensor('Int64', BigInt64Array.of(2n ** 60n + 1n))];
  expect((await compare([a], [b])).entries).toMatchObject([{ differing: 1, maxAbsolute: 1 }]);
});

test('half precision is compared by the values it stands for', async () => {
  const [a, b] = [tensor('BFloat16', Uint16Array.of(0x3f80)), tensor('BFloat16', Uint16Array.of(0x4000))];
  expect((await compare([a], [b])).entries).toMatchObject([{ maxAbsolute: 1, maxRelative: 0.5 }]);
});

test('a difference far behind in a large tensor is found at its place', async () => {
  const length = PIECE_BYTES / 4 + 10;
  const [a, b] = [new Float32Array(length), new Float32Array(length)];
  b[length - 3] = 2;
  expect((await compare([tensor('Float32', a)], [tensor('Float32', b)])).entries).toMatchObject([
    { elements: length, differing: 1, first: length - 3, maxAbsolute: 2, maxRelative: 1 },
  ]);
});

test('a map differs as the first of its tensors that counts', async () => {
  const map = hex(`0a520a0374626c1a4b0a1308021205696e7433321a0805000000090000000a1f080208021207666c6f617433321a10
    0000803f0000004000004040000080400a1308021205696e7433321a080100000001000000`);
  const changed = map.slice();
  changed[22] = 6; // the first key, 5 before
  changed[50] = 0x40; // the first value: 1 becomes 2 or more
  const of = async (bytes: Uint8Array) => ({
    source: sourceOf(bytes),
    index: await indexCheckpoint(sourceOf(bytes), 'ckpt'),
  });
  const at = async (tolerance: number) => compareCheckpoints(await of(map), await of(changed), { tolerance });
  expect(await at(0)).toMatchObject({ equal: false, entries: [{ name: 'tbl', elements: 2, differing: 1 }] });
  expect(await at(1)).toMatchObject({ equal: false, entries: [{ name: 'tbl', elements: 4, differing: 1 }] });
  expect(await at(9)).toMatchObject({ equal: true, entries: [{ name: 'tbl', differing: 0 }] });
});
