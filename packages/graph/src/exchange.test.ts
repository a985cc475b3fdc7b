import { expect, test } from 'vitest';
import { exchange } from './exchange.ts';
import type { CollectiveAttributes } from './operators/collective.ts';
import type { Peers } from './peers.ts';

/** What two ranks give, and what this rank, the second, hands in. */
const FIRST = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const SECOND = Float32Array.of(10, 20, 30, 40, 50, 60, 70, 80);

/** The second of two ranks; the first hands in its own numbers, arranged as the second's are. */
function secondOfTwo(first: Float32Array): Peers {
  const none = async (): Promise<never> => Promise.reject(new RangeError('no stages here'));
  return {
    allReduce: async (_, values, reduce) => {
      values.forEach((x, i) => (values[i] = reduce === 'max' ? Math.max(first[i]!, x) : first[i]! + x));
    },
    allGather: async (_, values) => [first, values],
    reduceScatter: async (_, values, into) =>
      into.set(values.subarray(into.length).map((x, i) => x + first[into.length + i]!)),
    send: none,
    receive: none,
  };
}

async function exchanged(changes: Partial<CollectiveAttributes>, shape: readonly number[], first = FIRST, length = 8) {
  const attributes = { kind: 'all-reduce', reduce: 'sum', axis: 0, group: 'model', size: 2, ...changes } as const;
  const output = new Float32Array(length);
  await exchange(secondOfTwo(first), attributes, SECOND.slice(), shape, output);
  return [...output];
}

test('all-reduce gives the sum, or the maximum, and leaves the input', async () => {
  expect(await exchanged({}, [8])).toEqual([11, 22, 33, 44, 55, 66, 77, 88]);
  expect(await exchanged({ reduce: 'max' }, [8])).toEqual([...SECOND]);
});

test('replicate gives what is there', async () => {
  expect(await exchanged({ kind: 'replicate' }, [8])).toEqual([...SECOND]);
});

test('all-gather puts the parts together along its axis', async () => {
  const along = (axis: number) => exchanged({ kind: 'all-gather', axis }, [2, 2, 2], FIRST, 16);
  expect(await along(0)).toEqual([...FIRST, ...SECOND]);
  expect(await along(1)).toEqual([1, 2, 3, 4, 10, 20, 30, 40, 5, 6, 7, 8, 50, 60, 70, 80]);
  expect(await along(2)).toEqual([1, 2, 10, 20, 3, 4, 30, 40, 5, 6, 50, 60, 7, 8, 70, 80]);
});

test('reduce-scatter gives the part along its axis of the sum', async () => {
  expect(await exchanged({ kind: 'reduce-scatter', axis: 0 }, [4, 2], FIRST, 4)).toEqual([55, 66, 77, 88]);
  // Along axis 1 every rank arranges its [2, 4] as the columns of the first rank, then those of the second.
  const arranged = Float32Array.of(1, 2, 5, 6, 3, 4, 7, 8);
  expect(await exchanged({ kind: 'reduce-scatter', axis: 1 }, [2, 4], arranged, 4)).toEqual([33, 44, 77, 88]);
});
