import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EpochOrders, epochOrder } from '../src/epoch-order.ts';
import type { PipelineOp } from '../src/pipeline.ts';
import { pipeline } from '../src/pipeline.ts';
import type { SampleOrder, ShuffleMode } from '../src/sample-order.ts';
import { checkSampleOrder } from '../src/sample-order.ts';

interface GoldenOrder {
  readonly set: string;
  readonly n?: number;
  readonly seed: number;
  readonly shuffle?: boolean | Uppercase<ShuffleMode>;
  readonly epochs: number;
  readonly args?: { readonly num_shards?: number; readonly shard_id?: number; readonly num_samples?: number };
  readonly block?: boolean;
  readonly ops?: readonly (readonly [type: string, count: number, drop?: boolean])[];
  readonly init_step?: number;
  readonly padded?: { readonly value: number; readonly n: number };
  readonly dataset_size?: number;
  readonly result?: readonly unknown[][];
  readonly epochs_sha256?: readonly string[];
}

/** Orders of the real library: conformance/golden/mindrecord/README.md. */
const file = new URL('../../../conformance/golden/mindrecord/orders.json', import.meta.url);
const { sets, orders, generator } = JSON.parse(readFileSync(file, 'utf8')) as {
  sets: Record<string, number[]>;
  orders: GoldenOrder[];
  generator: GoldenOrder[];
};

function orderOf(golden: GoldenOrder, sampler: 'mind' | 'generator'): SampleOrder {
  const { args = {}, shuffle = true } = golden;
  const order: SampleOrder = {
    fileRows: sampler === 'mind' ? sets[golden.set]! : [golden.n!],
    seed: golden.seed,
    shuffle: typeof shuffle === 'boolean' ? shuffle : (shuffle.toLowerCase() as ShuffleMode),
    sampler,
    ...(args.num_shards !== undefined && {
      shards: { count: args.num_shards, index: args.shard_id!, byBlock: golden.block === true },
    }),
    ...(args.num_samples !== undefined && { samples: args.num_samples }),
    ...(golden.padded && { padded: golden.padded.n }),
  };
  checkSampleOrder(order, 'train_dataset.data_loader');
  return order;
}

function opOf([type, count, drop]: readonly [string, number, boolean?]): PipelineOp {
  if (type === 'batch') return { type, size: count, dropRemainder: drop === true };
  return { type: type as 'repeat' | 'skip' | 'take', count };
}

function title({ epochs_sha256: _sha, result: _result, ...parameters }: GoldenOrder): string {
  return JSON.stringify(parameters);
}

for (const golden of orders) {
  test(`MindDataset ${title(golden)}`, () => {
    const order = orderOf(golden, 'mind');
    const ops = golden.ops ?? [];
    const { size, rowsAt } = pipeline(order, ops.map(opOf));
    expect(size).toBe(golden.dataset_size);
    const start = golden.init_step ?? 0;
    const epochs: unknown[][] = [];
    const padding = order.fileRows.reduce((sum, rows) => sum + rows, 0);
    for (let step = start; step < golden.epochs * size; step++) {
      const epoch = Math.floor(step / size);
      const rows = Array.from(rowsAt(epoch, step % size), (row) => (row < padding ? row : golden.padded?.value));
      (epochs[epoch - Math.floor(start / size)] ??= []).push(ops.some(([type]) => type === 'batch') ? rows : rows[0]);
    }
    const digests = epochs.map((rows) => createHash('sha256').update(rows.join(',')).digest('hex'));
    expect(golden.result === undefined ? digests : epochs).toEqual(golden.result ?? golden.epochs_sha256);
  });
}

for (const golden of generator) {
  test(`GeneratorDataset ${title(golden)}`, () => {
    const orders = new EpochOrders(orderOf(golden, 'generator'));
    const epochs = Array.from({ length: golden.epochs }, (_, epoch) => Array.from(orders.at(epoch)));
    expect(epochs).toEqual(golden.result);
  });
}

test('an epoch on its own has the order it has after those before it', () => {
  for (const golden of orders.filter(({ set }) => set === 'uneven')) {
    const order = orderOf(golden, 'mind');
    const orders = new EpochOrders(order);
    for (const epoch of [0, 1, 2, 5, 3, 0, 5]) expect(orders.at(epoch)).toEqual(epochOrder(order, epoch));
  }
});
