import type { RandomEngine } from './random-engine.ts';
import { minstdRand0, mt19937 } from './random-engine.ts';
import type { SampleOrder, Shard } from './sample-order.ts';
import { shuffleMode, totalRows } from './sample-order.ts';
import { stdShuffle } from './std-shuffle.ts';

/** PARTIAL shuffles blocks of so many rows. */
const PARTIAL_BLOCK = 1_000_000;

/** The seed of an epoch, a uint32: MindDataset counts up before its first epoch, GeneratorDataset only with shards. */
export function epochSeed({ seed, shards, sampler }: SampleOrder, epoch: number): number {
  return (seed + epoch + (sampler === 'generator' && shards === undefined ? 0 : 1)) >>> 0;
}

/**
 * How the rows of an epoch are mixed, from the identity; with shards and `partial`, already the shard's part.
 *
 * @returns positions in the order before
 */
export function epochPermutation(order: SampleOrder, epoch: number): Int32Array {
  const mode = shuffleMode(order);
  const rows = identity(totalRows(order));
  const seed = epochSeed(order, epoch);
  const engine = (): RandomEngine => (order.sampler === 'generator' ? mt19937(seed) : minstdRand0(seed));
  switch (mode) {
    case undefined:
      break;
    case 'global':
      stdShuffle(rows, engine());
      break;
    case 'infile':
      for (const [begin, end] of fileRanges(order.fileRows)) stdShuffle(rows.subarray(begin, end), engine());
      break;
    case 'files':
      return byFiles(rows, order.fileRows, engine());
    case 'partial':
      return inBlocks(order, byFiles(rows, order.fileRows, engine()), engine);
  }
  return rows;
}

function inBlocks({ shards }: SampleOrder, rows: Int32Array, engine: () => RandomEngine): Int32Array {
  const share = shards === undefined ? rows : shardOf(rows, shards);
  for (let block = 0; block < share.length; block += PARTIAL_BLOCK) {
    stdShuffle(share.subarray(block, block + PARTIAL_BLOCK), engine());
  }
  return share;
}

/** The rows of one shard: every shard has equally many, the last ones begin again at the front. */
export function shardOf(rows: Int32Array, { count, index, byBlock }: Shard): Int32Array {
  const share = Math.ceil(rows.length / count);
  const at = (i: number): number => (byBlock === true ? index * share + i : index + i * count) % rows.length;
  return Int32Array.from({ length: share }, (_, i) => rows[at(i)]!);
}

function identity(length: number): Int32Array {
  const rows = new Int32Array(length);
  for (let i = 0; i < length; i++) rows[i] = i;
  return rows;
}

function fileRanges(fileRows: readonly number[]): readonly (readonly [begin: number, end: number])[] {
  let end = 0;
  return fileRows.map((rows) => [end, (end += rows)]);
}

function byFiles(rows: Int32Array, fileRows: readonly number[], engine: RandomEngine): Int32Array {
  const ranges = fileRanges(fileRows);
  const out = new Int32Array(rows.length);
  let at = 0;
  for (const file of stdShuffle(identity(fileRows.length), engine)) {
    const [begin, end] = ranges[file]!;
    out.set(rows.subarray(begin, end), at);
    at += end - begin;
  }
  return out;
}
