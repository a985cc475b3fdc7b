import type { SampleOrder } from './sample-order.ts';
import { rowsPerEpoch } from './sample-order.ts';

/** What decides how many batches an epoch has. */
export interface StepOptions extends Partial<Pick<SampleOrder, 'shuffle' | 'shards' | 'samples'>> {
  /** Rows a batch: of this rank with shards, else global. */
  readonly batchSize: number;
  /** Whether a short last batch is dropped (default). */
  readonly dropRemainder?: boolean;
  /** Passes over the rows that make one epoch; 1 when absent. Each pass is shuffled anew. */
  readonly repeat?: number;
}

/**
 * Batches an epoch, MindSpore's dataset size: rows / batchSize, rounded down when the remainder is dropped, else up,
 * times repeat.
 *
 * @param rows of the data set, before it is cut into shards
 */
export function stepsPerEpoch(rows: number, options: StepOptions): number {
  const { batchSize, dropRemainder = true, repeat = 1, shuffle = true, shards, samples } = options;
  const order = { fileRows: [rows], seed: 0, shuffle, ...(shards && { shards }), ...(samples && { samples }) };
  const batches = rowsPerEpoch(order) / batchSize;
  return repeat * (dropRemainder ? Math.floor(batches) : Math.ceil(batches));
}
