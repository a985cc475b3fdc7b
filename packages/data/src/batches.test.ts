import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch, BatchOptions } from './batches.ts';
import { batches } from './batches.ts';
import type { Dataset, DatasetRow } from './dataset.ts';
import { stepsPerEpoch } from './steps-per-epoch.ts';

/** Row r has the ids r, r + 1000, r + 2000; what is read is remembered. */
function numbered(rows: number, columns: readonly string[] = ['input_ids']): Dataset & { readonly seen: number[] } {
  const seen: number[] = [];
  return {
    rows,
    columns,
    seen,
    async read(numbers) {
      seen.push(...numbers);
      return numbers.map((row) =>
        columns.map((_, c) => Int32Array.of(row, row + 1000, row + 2000).map((id) => id * (c + 1))),
      );
    },
  };
}

function rowsOf(...rows: DatasetRow[]): Dataset {
  const columns = ['input_ids', 'target_ids', 'attention_mask'].slice(0, rows[0]!.length);
  return { rows: rows.length, columns, read: async (numbers) => numbers.map((row) => rows[row]!) };
}

async function all(dataset: Dataset, options: BatchOptions): Promise<Batch[]> {
  const result: Batch[] = [];
  for await (const batch of batches(dataset, options)) result.push(batch);
  return result;
}

const options = fc.record({
  batchSize: fc.integer({ min: 1, max: 7 }),
  epochs: fc.integer({ min: 1, max: 3 }),
  seed: fc.nat(2 ** 32 - 1),
  shuffle: fc.constantFrom(true, false, 'partial' as const),
  dropRemainder: fc.boolean(),
  repeat: fc.integer({ min: 1, max: 2 }),
  shards: fc.option(fc.record({ count: fc.constant(3), index: fc.nat(2), byBlock: fc.boolean() }), { nil: undefined }),
});

test('a run from any step on has the batches of the whole run, and reads nothing before', async () => {
  const property = fc.asyncProperty(
    options,
    fc.integer({ min: 21, max: 40 }),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    async ({ shards, ...rest }, rows, at) => {
      const options = { ...rest, ...(shards && { shards }) };
      const steps = stepsPerEpoch(rows, options);
      const whole = await all(numbered(rows), options);
      expect(whole).toHaveLength(steps * options.epochs);
      const startStep = Math.floor(at * whole.length);
      const dataset = numbered(rows);
      const resumed = await all(dataset, { ...options, startStep });
      expect(resumed).toEqual(whole.slice(startStep));
      expect(dataset.seen).toEqual(resumed.flatMap((batch) => [...batch.rows]));
      for (const [i, batch] of whole.entries()) {
        expect(batch).toMatchObject({ epoch: Math.floor(i / steps), stepInEpoch: i % steps });
        expect([...batch.inputIds]).toEqual([...batch.rows].flatMap((row) => [row, row + 1000, row + 2000]));
      }
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test('the second column gives the labels whatever its name, further ones are only looked at', async () => {
  const dataset = numbered(4, ['input_ids', 'target_ids', 'attention_mask']);
  const [batch] = await all(dataset, { batchSize: 2, epochs: 1, seed: 1, shuffle: false });
  expect(batch).toEqual({
    rows: Int32Array.of(0, 1),
    inputIds: Int32Array.of(0, 1000, 2000, 1, 1001, 2001),
    labels: Int32Array.of(0, 2000, 4000, 2, 2002, 4002),
    epoch: 0,
    stepInEpoch: 0,
  });
});

const plain = { batchSize: 2, epochs: 1, seed: 1, shuffle: false } as const;

test('int64 ids become int32; what does not fit, and what is no integer, is named', async () => {
  const [batch] = await all(rowsOf([BigInt64Array.of(1n, -100n)], [BigInt64Array.of(2n, 3n)]), plain);
  expect(batch!.inputIds).toEqual(Int32Array.of(1, -100, 2, 3));
  const place = { row: 1, column: 'input_ids', path: 'train_dataset.input_columns' };
  const large = all(rowsOf([BigInt64Array.of(1n)], [BigInt64Array.of(2n ** 31n)]), plain);
  await expect(large).rejects.toMatchObject({ code: 'value-range', ...place });
  const float = all(rowsOf([Int32Array.of(1)], [Float32Array.of(2)]), plain);
  await expect(float).rejects.toMatchObject({ code: 'column-type', ...place });
});

test('rows of unequal length are named with row and column, in every column', async () => {
  const one = Int32Array.of(1);
  const two = Int32Array.of(1, 2);
  const cases: [DatasetRow, DatasetRow, string][] = [
    [[one], [two], 'input_ids'],
    [[one, one], [one, two], 'target_ids'],
    [[one, one, one], [one, one, two], 'attention_mask'],
  ];
  for (const [first, second, column] of cases) {
    const failed = all(rowsOf(first, second), plain);
    await expect(failed).rejects.toMatchObject({ code: 'row-length', row: 1, column });
  }
  // Only arrays have a length.
  await expect(all(rowsOf([one, one, 'a'], [one, one, 'bcd']), plain)).resolves.toHaveLength(1);
  await expect(all(rowsOf([one], [one]), { ...plain, seqLength: 1 })).rejects.toMatchObject({
    code: 'row-length',
    row: 0,
  });
  await expect(all(rowsOf([two], [two]), { ...plain, seqLength: 1 })).resolves.toHaveLength(1);
});

test('a run with nothing to do is an error before it begins', () => {
  const codes: [Partial<BatchOptions>, string, string | undefined][] = [
    [{ startStep: 4 }, 'nothing-left', 'runner_config.epochs'],
    [{ startStep: 400 }, 'nothing-left', 'runner_config.epochs'],
    [{ batchSize: 5 }, 'empty', 'train_dataset.data_loader.dataset_dir'],
    [{ batchSize: 0 }, 'option', 'runner_config.batch_size'],
    [{ batchSize: 1.5 }, 'option', 'runner_config.batch_size'],
    [{ epochs: 0 }, 'option', 'runner_config.epochs'],
    [{ repeat: 0 }, 'option', 'train_dataset.repeat'],
    [{ startStep: -1 }, 'option', undefined],
    [{ shards: { count: 2, index: 2 } }, 'option', 'train_dataset.data_loader.shard_id'],
    [{ seed: -1 }, 'option', 'seed'],
  ];
  for (const [change, code, path] of codes) {
    const start = (): unknown => batches(numbered(4), { ...plain, epochs: 2, ...change });
    expect(start).toThrow(expect.objectContaining({ name: 'DataError', code, path }));
  }
  const evaluation = (): unknown => batches(numbered(1), { ...plain, path: 'eval_dataset' });
  expect(evaluation).toThrow(expect.objectContaining({ path: 'eval_dataset.data_loader.dataset_dir' }));
});

test('an abort ends the run at the next batch', async () => {
  const controller = new AbortController();
  const dataset = numbered(8);
  const reading = (async () => {
    for await (const batch of batches(dataset, { ...plain, signal: controller.signal })) {
      if (batch.stepInEpoch === 1) controller.abort(new Error('stop'));
    }
  })();
  await expect(reading).rejects.toThrow('stop');
  expect(dataset.seen).toEqual([0, 1, 2, 3]);
});

test('steps an epoch: floor or ceiling, times repeat, of the share of a rank', () => {
  expect(stepsPerEpoch(27, { batchSize: 4 })).toBe(6);
  expect(stepsPerEpoch(27, { batchSize: 4, dropRemainder: false })).toBe(7);
  expect(stepsPerEpoch(27, { batchSize: 4, repeat: 2 })).toBe(12);
  expect(stepsPerEpoch(27, { batchSize: 4, shards: { count: 4, index: 0 } })).toBe(1);
  expect(stepsPerEpoch(27, { batchSize: 4, samples: 9 })).toBe(2);
  expect(stepsPerEpoch(3, { batchSize: 4 })).toBe(0);
});
