import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Group } from '../src/index.ts';

/** Groups that are one world, and what ends it. */
export interface OpenGroups {
  readonly groups: readonly Group[];
  close(): Promise<void>;
}

/** What is true of all groups, whatever their ranks talk through. */
export function groupContract(name: string, open: (size: number) => Promise<OpenGroups>): void {
  const inWorld = async <T>(size: number, use: (group: Group) => Promise<T>): Promise<T[]> => {
    const { groups, close } = await open(size);
    try {
      return await Promise.all(groups.map(use));
    } finally {
      await close();
    }
  };

  describe.each([1, 2, 3, 4])(`${name}, %d ranks:`, (size) => {
    const ranks = Array.from({ length: size }, (_, rank) => rank);

    test('ranks are numbered', async () => {
      expect(await inWorld(size, async (group) => [group.rank, group.size])).toEqual(ranks.map((rank) => [rank, size]));
    });

    test.each([0, 1, 5, 4096, 4097, 300_001])(
      '%d values are summed in rank order, and all ranks get the same bits',
      async (length) => {
        const given = ranks.map((rank) => valuesOf(rank, length));
        const sum = given.reduce((total, values) => total.map((value, i) => value + values[i]!));
        const got = await inWorld(size, async (group) => {
          const values = given[group.rank]!.slice();
          await group.allReduce(values, 'sum');
          return values;
        });
        for (const values of got) expect(sameBits(values, sum)).toBe(true);
      },
    );

    test('the maximum is that of all ranks', async () => {
      const got = await inWorld(size, async (group) => {
        const values = Float32Array.of(group.rank, -group.rank, group.rank === 1 ? NaN : 0);
        await group.allReduce(values, 'max');
        return values;
      });
      for (const values of got) expect(values).toEqual(Float32Array.of(size - 1, -0, size > 1 ? NaN : 0));
    });

    test.each([0, 1, 7, 100_003])(
      'each rank gets its part of %d values of the sum, the others are left alone',
      async (part) => {
        const given = ranks.map((rank) => valuesOf(rank, part * size));
        const sum = given.reduce((total, values) => total.map((value, i) => value + values[i]!));
        await inWorld(size, async (group) => {
          const values = given[group.rank]!.slice();
          const into = new Float32Array(part);
          await group.reduceScatter(values, into);
          expect(sameBits(into, sum.subarray(group.rank * part, (group.rank + 1) * part))).toBe(true);
          expect(sameBits(values, given[group.rank]!)).toBe(true);
        });
      },
    );

    test('what is gathered stands in rank order, of any length', async () => {
      const given = ranks.map((rank) => new Uint8Array(rank * 40_000).fill(rank));
      const got = await inWorld(size, (group) => group.allGather(given[group.rank]!));
      for (const parts of got)
        expect(parts.map((part) => Buffer.from(part).equals(given[part[0] ?? 0]!))).not.toContain(false);
      for (const parts of got) expect(parts.map(({ length }) => length)).toEqual(given.map(({ length }) => length));
    });

    test.each([0, 3, 70_000])('%d bytes are broadcast from every rank', async (length) => {
      for (const from of ranks) {
        const got = await inWorld(size, (group) => group.broadcast(new Uint8Array(length).fill(group.rank + 1), from));
        for (const bytes of got) expect(Buffer.from(bytes).equals(Buffer.alloc(length, from + 1))).toBe(true);
      }
    });

    test('a barrier lets nobody through before all have come', async () => {
      let come = 0;
      await inWorld(size, async (group) => {
        for (let round = 1; round <= 3; round++) {
          come += 1;
          await group.barrier();
          expect(come).toBeGreaterThanOrEqual(round * size);
          await group.barrier();
        }
      });
    });

    test('calls that are not awaited are done in their order', async () => {
      const got = await inWorld(size, (group) => {
        const large = new Float32Array(9000).fill(group.rank);
        const small = Float32Array.of(group.rank);
        return Promise.all([
          group.allReduce(large, 'sum').then(() => large[8999]),
          group.allGather(Uint8Array.of(group.rank)).then((parts) => parts.map((part) => part[0])),
          group.allReduce(small, 'max').then(() => small[0]),
        ]);
      });
      for (const each of got) expect(each).toEqual([(size * (size - 1)) / 2, ranks, size - 1]);
    });

    test('calls are kept apart, also when some ranks wait in between and others do not', async () => {
      const got = await inWorld(size, async (group) => {
        const calls = [1, 2, 3].map((factor) => new Float32Array(9000).fill(factor * (group.rank + 1)));
        if (group.rank === 0) for (const values of calls) await group.allReduce(values, 'sum');
        else await Promise.all(calls.map((values) => group.allReduce(values, 'sum')));
        return calls.map((values) => new Set(values));
      });
      const sum = (size * (size + 1)) / 2;
      for (const each of got) expect(each).toEqual([new Set([sum]), new Set([2 * sum]), new Set([3 * sum])]);
    });

    test('a rank that is not there, and parts that are no parts, are rejected', async () => {
      await inWorld(size, async (group) => {
        await expect(group.send(new Uint8Array(1), size)).rejects.toThrow(RangeError);
        await expect(group.receive(new Uint8Array(1), -1)).rejects.toThrow(RangeError);
        await expect(group.broadcast(new Uint8Array(1), size)).rejects.toThrow(RangeError);
        await expect(group.reduceScatter(new Float32Array(3 * size + 1), new Float32Array(3))).rejects.toThrow(
          RangeError,
        );
        expect(() => group.subgroup('x', [size])).toThrow(RangeError);
        expect(() => group.subgroup('x', [group.rank, group.rank])).toThrow('twice');
      });
    });
  });

  describe(`${name}, from rank to rank:`, () => {
    test('many messages may be sent before the first is received; they arrive in order, and may be overwritten once sent', async () => {
      const lengths = Array.from({ length: 80 }, (_, i) => (i % 4 === 0 ? 20_000 + i : i));
      await inWorld(3, async (group) => {
        const next = (group.rank + 1) % 3;
        const bytes = new Uint8Array(30_000);
        for (const [i, length] of lengths.entries()) {
          bytes.fill(i + group.rank);
          await group.send(bytes.subarray(0, length), next);
        }
        bytes.fill(255);
        await group.barrier();
        const from = (group.rank + 2) % 3;
        for (const [i, length] of lengths.entries()) {
          const into = new Uint8Array(length);
          await group.receive(into, from);
          expect(Buffer.from(into).equals(Buffer.alloc(length, i + from))).toBe(true);
        }
      });
    });

    test('a message of another length is refused, naming both', async () => {
      await inWorld(2, async (group) => {
        if (group.rank === 0) await group.send(new Uint8Array(3), 1);
        else await expect(group.receive(new Uint8Array(4), 0)).rejects.toThrow(/rank 0 gave 3 bytes, rank 1 takes 4/);
        await group.barrier();
      });
    });
  });

  describe(`${name}, subgroups:`, () => {
    test('of rows and columns, at the same time, hear only themselves', async () => {
      const got = await inWorld(4, async (world) => {
        const row = world.subgroup('row', world.rank < 2 ? [0, 1] : [2, 3]);
        const column = world.subgroup('column', [world.rank % 2, (world.rank % 2) + 2]);
        const sums = [row, column, world].map((group) => ({
          group,
          values: new Float32Array(5000).fill(2 ** world.rank),
        }));
        await Promise.all(sums.map(({ group, values }) => group.allReduce(values, 'sum')));
        return sums.map(({ values }) => values[4999]);
      });
      expect(got).toEqual([
        [3, 5, 15],
        [3, 10, 15],
        [12, 5, 15],
        [12, 10, 15],
      ]);
    });

    test('of any ranks in any order, one within the other, of one name or two', async () => {
      const order = fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(order, order, async (first, second) => {
          const got = await inWorld(4, async (world) => {
            if (!first.includes(world.rank)) return null;
            const outer = world.subgroup('part', first);
            const again = world.subgroup('part', first);
            const inner = second.filter((rank) => rank < first.length);
            const told = (group: Group): Promise<number[]> =>
              group.allGather(Uint8Array.of(world.rank)).then((parts) => parts.map((part) => part[0]!));
            const within = inner.includes(outer.rank) ? told(outer.subgroup('part', inner)) : null;
            return Promise.all([told(outer), told(again), within]);
          });
          for (const each of got.filter((one) => one !== null)) {
            expect(each[0]).toEqual(first);
            expect(each[1]).toEqual(first);
            if (each[2] !== null) {
              expect(each[2]).toEqual(second.filter((rank) => rank < first.length).map((rank) => first[rank]));
            }
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}

/** Values whose sum depends on the order they are added in. */
function valuesOf(rank: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(i + 1) * 10 ** ((i + rank * 3) % 9));
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}
