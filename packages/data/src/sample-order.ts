import { DataError } from './data-error.ts';

/**
 * How rows are mixed (qwen-llama-data §5.6): `global` all of them; `infile` within each file; `files` the files, not
 * the rows in them; `partial` the files, and the rows in blocks of a million; `adaptive` = global up to 100 million
 * rows, partial beyond.
 */
export type ShuffleMode = 'adaptive' | 'global' | 'infile' | 'files' | 'partial';

/** One data-parallel rank's share of the rows. */
export interface Shard {
  readonly count: number;
  readonly index: number;
  /** Contiguous blocks, as MindSpore before 2.6 or with MS_DEV_MINDRECORD_SHARD_BY_BLOCK=True; else interleaved. */
  readonly byBlock?: boolean;
}

/** What decides in which order the rows of a data set come. */
export interface SampleOrder {
  /** Rows of each file, in file order; rows are numbered through. */
  readonly fileRows: readonly number[];
  /** The seed of the run (uint32). */
  readonly seed: number;
  /** True is `adaptive`, MindSpore's default; false is file order. */
  readonly shuffle: boolean | ShuffleMode;
  readonly shards?: Shard;
  /**
   * `num_samples`: without shuffle, or with shards, the first so many; with shuffle and without shards, draws with
   * replacement (of which later epochs draw again), as upstream does.
   */
  readonly samples?: number;
  /** `num_padded`: so many rows of padding, numbered after the last row, take part; needs shards that come out even. */
  readonly padded?: number;
  /** Whose sampling: MindDataset's (default), or GeneratorDataset's, which has another random engine. */
  readonly sampler?: 'mind' | 'generator';
}

/** Within the reach of every random engine, and of int32. */
const MAX_ROWS = 2 ** 30;
/** ADAPTIVE becomes PARTIAL above so many rows. */
const ADAPTIVE_LIMIT = 100_000_000;

/** The mode in effect; undefined for file order. */
export function shuffleMode(order: SampleOrder): Exclude<ShuffleMode, 'adaptive'> | undefined {
  if (order.shuffle === false) return undefined;
  if (order.shuffle !== true && order.shuffle !== 'adaptive') return order.shuffle;
  return totalRows(order) > ADAPTIVE_LIMIT ? 'partial' : 'global';
}

/** Rows of the whole data set, padding included. */
export function totalRows({ fileRows, padded = 0 }: SampleOrder): number {
  return fileRows.reduce((sum, rows) => sum + rows, padded);
}

/** Rows one epoch has for this shard, or for all when there are no shards. */
export function rowsPerEpoch(order: SampleOrder): number {
  const total = totalRows(order);
  const share = order.shards === undefined ? total : Math.ceil(total / order.shards.count);
  // Draws with replacement are as many as asked for.
  const draws = order.shards === undefined && order.shuffle !== false && total > 0;
  return order.samples === undefined ? share : draws ? order.samples : Math.min(share, order.samples);
}

/**
 * Checks what the real library refuses too (conformance/golden/mindrecord/behaviour.json), and what it was not seen
 * to do.
 *
 * @param path of the data loader in the configuration, for errors
 * @throws DataError `option`
 */
export function checkSampleOrder(order: SampleOrder, path: string): void {
  const refuse: Refuse = (key, message) => new DataError('option', message, { path: `${path}.${key}` });
  const { fileRows, seed } = order;
  if (!fileRows.every((rows) => isCount(rows)) || totalRows(order) > MAX_ROWS) {
    throw refuse('dataset_dir', `${totalRows(order)} rows cannot be numbered; at most ${MAX_ROWS} can`);
  }
  if (!isCount(seed) || seed >= 2 ** 32) {
    throw new DataError('option', `seed ${seed} is not in [0, 2^32)`, { path: 'seed' });
  }
  if (order.shards !== undefined) checkShards(order.shards, refuse);
  if (order.samples !== undefined) checkSamples(order, order.samples, refuse);
  if (order.sampler === 'generator') checkGenerator(order, refuse);
  if ((order.padded ?? 0) !== 0) checkPadding(order, refuse);
}

type Refuse = (key: string, message: string) => DataError;

function checkShards({ count, index }: Shard, refuse: Refuse): void {
  if (isCount(count) && isCount(index) && index < count) return;
  throw refuse('shard_id', `shard ${index} of ${count} shards: the shard must be in [0, ${count - 1}]`);
}

function checkSamples(order: SampleOrder, samples: number, refuse: Refuse): void {
  const mode = shuffleMode(order);
  if (!isCount(samples) || samples === 0) {
    throw refuse('num_samples', `num_samples is ${samples}; it must be positive`);
  }
  if (mode === 'files' || mode === 'infile') {
    throw refuse('shuffle', `shuffle ${mode} and num_samples cannot be used at the same time; leave one out`);
  }
  if (mode === 'partial' && order.shards === undefined) {
    throw refuse('shuffle', 'shuffle partial and num_samples need shards; use shuffle global');
  }
}

function checkGenerator(order: SampleOrder, refuse: Refuse): void {
  const mode = shuffleMode(order);
  if ((mode === undefined || mode === 'global') && order.shards?.byBlock !== true && !order.padded) return;
  throw refuse('shuffle', 'a generator data set knows shuffle True and False, interleaved shards, no padding');
}

function checkPadding(order: SampleOrder, refuse: Refuse): void {
  const { shards, samples, padded } = order;
  const mode = shuffleMode(order);
  if (shards === undefined || samples !== undefined || (mode !== undefined && mode !== 'global')) {
    throw refuse('num_padded', 'padding needs shards, and shuffle True or False without num_samples');
  }
  if (!isCount(padded ?? 0) || totalRows(order) % shards.count !== 0) {
    const message = `${totalRows(order)} rows with ${padded} of padding do not divide by ${shards.count} shards`;
    throw refuse('num_padded', `${message}; change num_padded`);
  }
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
