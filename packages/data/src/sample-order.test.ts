import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DataError } from './data-error.ts';
import { epochOrder } from './epoch-order.ts';
import type { SampleOrder } from './sample-order.ts';
import { checkSampleOrder, rowsPerEpoch } from './sample-order.ts';

const base: SampleOrder = { fileRows: [2], seed: 1, shuffle: true };

function refusal(order: Partial<SampleOrder>): unknown {
  try {
    return checkSampleOrder({ ...base, ...order }, 'train_dataset.data_loader');
  } catch (error) {
    return error;
  }
}

test('what the real library refuses is refused, with the key that is wrong', () => {
  const cases: [Partial<SampleOrder>, string][] = [
    [{ shuffle: 'files', samples: 1 }, 'shuffle'],
    [{ shuffle: 'infile', samples: 1 }, 'shuffle'],
    [{ shards: { count: 2, index: 2 } }, 'shard_id'],
    [{ shards: { count: 0, index: 0 } }, 'shard_id'],
    [{ shards: { count: 4, index: 0 }, padded: 1 }, 'num_padded'],
  ];
  for (const [order, key] of cases) {
    expect(refusal(order)).toBeInstanceOf(DataError);
    expect(refusal(order)).toMatchObject({ code: 'option', path: `train_dataset.data_loader.${key}` });
  }
});

test('what the real library was not seen to do is refused rather than guessed', () => {
  const cases: Partial<SampleOrder>[] = [
    { shuffle: 'partial', samples: 1 },
    { padded: 1 },
    { padded: 2, shards: { count: 2, index: 0 }, shuffle: 'files' },
    { sampler: 'generator', shuffle: 'files' },
    { sampler: 'generator', shards: { count: 2, index: 0, byBlock: true } },
    { samples: 0 },
    { fileRows: [2 ** 30, 1] },
    { fileRows: [-1] },
    { seed: 2 ** 32 },
    { seed: -1 },
  ];
  for (const order of cases) expect(refusal(order)).toMatchObject({ code: 'option' });
});

const order = fc
  .record({
    fileRows: fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
    seed: fc.nat(2 ** 32 - 1),
    shuffle: fc.constantFrom(
      true,
      false,
      'adaptive' as const,
      'global' as const,
      'infile' as const,
      'files' as const,
      'partial' as const,
    ),
    count: fc.integer({ min: 1, max: 5 }),
    byBlock: fc.boolean(),
    epoch: fc.nat(4),
  })
  .map(({ count, byBlock, epoch, ...order }) => ({ order, count, byBlock, epoch }));

test('without shards, every row comes once an epoch, in every mode', () => {
  fc.assert(
    fc.property(order, ({ order, epoch }) => {
      const rows = epochOrder(order, epoch);
      expect(rows).toHaveLength(rowsPerEpoch(order));
      expect([...rows].sort((a, b) => a - b)).toEqual(Array.from(rows, (_, i) => i));
    }),
  );
});

test('shards are equally long and have all rows together; only the last ones may have a row twice', () => {
  fc.assert(
    fc.property(order, ({ order, count, byBlock, epoch }) => {
      const total = order.fileRows.reduce((sum, rows) => sum + rows, 0);
      const shards = Array.from({ length: count }, (_, index) => ({ ...order, shards: { count, index, byBlock } }));
      const parts = shards.map((order) => epochOrder(order, epoch));
      expect(parts.map((part) => part.length)).toEqual(shards.map((order) => rowsPerEpoch(order)));
      expect(new Set(parts.flatMap((part) => [...part])).size).toBe(total);
      expect(Math.ceil(total / count)).toBe(parts[0]!.length);
    }),
  );
});

test('adaptive is global up to 100 million rows and partial beyond, where rows stay in blocks of a million', () => {
  const few = { ...base, fileRows: [30] };
  expect(epochOrder({ ...few, shuffle: 'adaptive' }, 1)).toEqual(epochOrder({ ...few, shuffle: 'global' }, 1));
  const blocks = epochOrder({ fileRows: [2_500_000], seed: 3, shuffle: 'partial' }, 0);
  for (const [block, begin] of [0, 1_000_000, 2_000_000].entries()) {
    const inBlock = blocks.subarray(begin, begin + 1_000_000);
    expect(inBlock.reduce((low, row) => Math.min(low, row))).toBe(begin);
    expect(inBlock.reduce((high, row) => Math.max(high, row))).toBe(Math.min(2_500_000, (block + 1) * 1_000_000) - 1);
  }
});
