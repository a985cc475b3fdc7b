import type { ColumnValue } from '@cairn/mindrecord';
import { DataError } from './data-error.ts';
import type { Dataset, DatasetRow } from './dataset.ts';
import type { PipelineOp } from './pipeline.ts';
import { pipeline } from './pipeline.ts';
import type { SampleOrder } from './sample-order.ts';
import { checkSampleOrder } from './sample-order.ts';
import type { StepOptions } from './steps-per-epoch.ts';

/** Which batches of a data set are wanted. */
export interface BatchOptions extends StepOptions, Pick<SampleOrder, 'seed' | 'sampler'> {
  readonly epochs: number;
  /** Batches of all epochs together that are behind: `set_init_step`. They are not read. */
  readonly startStep?: number;
  /** `seq_length` of the model: when given, rows must have one token more. */
  readonly seqLength?: number;
  /** Of the data set in the configuration, for errors; `train_dataset` when absent. */
  readonly path?: string;
  readonly signal?: AbortSignal;
}

/** What one step trains on. */
export interface Batch {
  /** Row numbers of the data set, for the ledger. */
  readonly rows: Int32Array;
  /** [batch, seq + 1], row by row. */
  readonly inputIds: Int32Array;
  /** Of the second column, [batch, its length]. */
  readonly labels?: Int32Array;
  /** 0-based. */
  readonly epoch: number;
  /** 0-based. */
  readonly stepInEpoch: number;
}

/**
 * The batches of a run, in MindSpore's order, from any step on (qwen-llama-data §5.4, 5.6, 5.7).
 *
 * @throws DataError at once: `option`, `empty`, `nothing-left` (startStep is not before the end); while iterating:
 *         `row-length`, `column-type`, `value-range`
 */
export function batches(dataset: Dataset, options: BatchOptions): AsyncIterable<Batch> {
  const { epochs, startStep = 0, path = 'train_dataset', signal } = options;
  const order = orderOf(dataset, options);
  checkSampleOrder(order, `${path}.data_loader`);
  const { batchSize, dropRemainder = true, repeat = 1 } = options;
  checkPositive('batch_size', batchSize, 'runner_config.batch_size');
  checkPositive('epochs', epochs, 'runner_config.epochs');
  checkPositive('repeat', repeat, `${path}.repeat`);
  const ops: PipelineOp[] = [
    { type: 'batch', size: batchSize, dropRemainder },
    { type: 'repeat', count: repeat },
  ];
  const { size, rowsAt } = pipeline(order, ops);
  if (size === 0) {
    const message = `the data set has ${dataset.rows} rows${options.shards ? ` for ${options.shards.count} ranks` : ''}, too few for a batch of ${batchSize}`;
    throw new DataError('empty', message, { path: `${path}.data_loader.dataset_dir` });
  }
  if (!Number.isInteger(startStep) || startStep < 0) throw new DataError('option', `startStep is ${startStep}`);
  if (startStep >= size * epochs) {
    const message = `step ${startStep} is not before the end of ${epochs} epochs of ${size} steps: nothing is left to train; raise the epochs`;
    throw new DataError('nothing-left', message, { path: 'runner_config.epochs' });
  }
  return {
    async *[Symbol.asyncIterator]() {
      for (let step = startStep; step < size * epochs; step++) {
        signal?.throwIfAborted();
        const position = { epoch: Math.floor(step / size), stepInEpoch: step % size };
        const rows = rowsAt(position.epoch, position.stepInEpoch);
        yield batchOf(dataset, rows, await dataset.read(Array.from(rows)), options, position);
      }
    },
  };
}

function orderOf(dataset: Dataset, options: BatchOptions): SampleOrder {
  const { seed, shuffle = true, shards, samples, sampler } = options;
  return {
    fileRows: dataset.fileRows ?? [dataset.rows],
    seed,
    shuffle,
    ...(shards && { shards }),
    ...(samples !== undefined && { samples }),
    ...(sampler && { sampler }),
  };
}

function checkPositive(what: string, value: number, path: string): void {
  if (Number.isInteger(value) && value > 0) return;
  throw new DataError('option', `${what} is ${value}; it must be a positive integer`, { path });
}

function batchOf(
  dataset: Dataset,
  rows: Int32Array,
  values: readonly DatasetRow[],
  options: BatchOptions,
  position: Pick<Batch, 'epoch' | 'stepInEpoch'>,
): Batch {
  const { seqLength, path = 'train_dataset' } = options;
  dataset.columns.forEach((column, c) => {
    const expected = c === 0 && seqLength !== undefined ? seqLength + 1 : length(values[0]?.[c]);
    const odd = values.findIndex((row) => length(row[c]) !== expected);
    if (odd === -1) return;
    const why = c === 0 && seqLength !== undefined ? `seq_length + 1 is ${expected}` : `row ${rows[0]} has ${expected}`;
    const message = `row ${rows[odd]} of column ${column} has ${length(values[odd]?.[c])} elements, ${why}; all rows of a batch must be equally long: pad or pack them`;
    throw new DataError('row-length', message, { path: `${path}.data_loader.dataset_dir`, row: rows[odd], column });
  });
  const ids = (column: number): Int32Array =>
    int32Rows(rows, values, column, { path: `${path}.input_columns`, column: dataset.columns[column]! });
  const batch = { rows, inputIds: ids(0), ...position };
  return dataset.columns.length > 1 ? { ...batch, labels: ids(1) } : batch;
}

/** Elements of an array column; values of other columns have no length to compare. */
function length(value: ColumnValue | undefined): number {
  return typeof value === 'object' && !(value instanceof Uint8Array) ? value.length : 1;
}

/** One column of all rows, as int32. */
function int32Rows(
  rows: Int32Array,
  values: readonly DatasetRow[],
  index: number,
  place: { readonly path: string; readonly column: string },
): Int32Array {
  const width = length(values[0]?.[index]);
  const out = new Int32Array(rows.length * width);
  values.forEach((row, i) => {
    const value = row[index];
    if (value instanceof Int32Array) out.set(value, i * width);
    else if (value instanceof BigInt64Array) {
      const wide = value.find((id) => BigInt.asIntN(32, id) !== id);
      if (wide !== undefined) {
        const message = `row ${rows[i]} of column ${place.column} has ${wide}, which is no int32`;
        throw new DataError('value-range', message, { ...place, row: rows[i] });
      }
      out.set(Int32Array.from(value, Number), i * width);
    } else {
      const message = `row ${rows[i]} of column ${place.column} has no integers; token ids are an int32 or int64 array`;
      throw new DataError('column-type', message, { ...place, row: rows[i] });
    }
  });
  return out;
}
