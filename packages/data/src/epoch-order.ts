import { epochPermutation, epochSeed, shardOf } from './epoch-permutation.ts';
import { mt19937, uniform } from './random-engine.ts';
import type { SampleOrder } from './sample-order.ts';
import { rowsPerEpoch, shuffleMode, totalRows } from './sample-order.ts';

/**
 * The rows of one epoch in MindSpore's order, exactly (qwen-llama-data §5.6).
 *
 * @param epoch 0-based; the order of an epoch may be built from those before it, which costs their time again
 * @returns row numbers; numbers from the count of rows on are padding
 */
export function epochOrder(order: SampleOrder, epoch: number): Int32Array {
  return new EpochOrders(order).at(epoch);
}

/** The orders of successive epochs, in the memory of two: going on costs one epoch, jumping ahead those between. */
export class EpochOrders {
  readonly #order: SampleOrder;
  #epoch = -1;
  #rows: Int32Array = new Int32Array();
  /** Of composed orders: the epoch that is reached, before it is cut into shards. */
  #reached = -1;
  #composed: Int32Array | undefined;

  /** @param order is taken as checked */
  constructor(order: SampleOrder) {
    this.#order = order;
  }

  /** The rows of an epoch. */
  at(epoch: number): Int32Array {
    if (epoch !== this.#epoch) {
      const order = this.#order;
      this.#rows = share(order, isComposed(order) ? this.#advance(epoch) : independentOrder(order, epoch));
      this.#epoch = epoch;
    }
    return this.#rows;
  }

  #advance(epoch: number): Int32Array {
    if (epoch < this.#reached) this.#reached = -1;
    if (this.#reached === -1) this.#composed = undefined;
    while (this.#reached < epoch || this.#composed === undefined) {
      this.#reached += 1;
      this.#composed = composedOrder(this.#order, this.#reached, this.#composed);
    }
    return this.#composed;
  }
}

/** Whether an epoch mixes the order of the epoch before instead of the identity. */
function isComposed(order: SampleOrder): boolean {
  const mode = shuffleMode(order);
  if (mode === undefined || mode === 'partial') return false;
  return order.sampler === 'generator' ? !isDrawn(order) : order.shards === undefined;
}

/** Whether rows are drawn with replacement. */
function isDrawn({ shuffle, samples, shards }: SampleOrder): boolean {
  return shuffle !== false && samples !== undefined && shards === undefined;
}

function composedOrder(order: SampleOrder, epoch: number, before: Int32Array | undefined): Int32Array {
  if (isDrawn(order)) {
    const from = before ?? Int32Array.from({ length: totalRows(order) }, (_, i) => i);
    const seed = epochSeed(order, epoch);
    // Every draw has a generator of its own.
    return draws(order, (i) => from[uniform(mt19937((seed + i) >>> 0), from.length)]!);
  }
  const mixed = epochPermutation(order, epoch);
  return before === undefined ? mixed : mixed.map((position) => before[position]!);
}

function independentOrder(order: SampleOrder, epoch: number): Int32Array {
  if (order.sampler !== 'generator' || !isDrawn(order)) return epochPermutation(order, epoch);
  const engine = mt19937(epochSeed(order, epoch));
  return draws(order, () => uniform(engine, totalRows(order)));
}

function draws(order: SampleOrder, draw: (i: number) => number): Int32Array {
  return Int32Array.from({ length: rowsPerEpoch(order) }, (_, i) => draw(i));
}

/** The part of the rows for this shard and num_samples. */
function share(order: SampleOrder, rows: Int32Array): Int32Array {
  const { shards, samples } = order;
  // PARTIAL takes the shard's part before it shuffles.
  const part = shards === undefined || shuffleMode(order) === 'partial' ? rows : shardOf(rows, shards);
  return samples === undefined ? part : part.subarray(0, samples);
}
