import type { Batch } from '@cairn/data';
import { lossMask } from '@cairn/model';
import type { LlamaSpec, TokenRows } from '@cairn/model';
import type { BatchSizes } from '../settings/batch-sizes.ts';
import type { RankWorld } from './rank-world.ts';

/** What a rank trains on in one step. */
export interface StepRows {
  /** Rows of a unit. */
  unit(unit: number): TokenRows;
  /** Σ of the loss mask over the rows whose mean the unit's loss is part of. */
  maskTotal(unit: number): number;
  /** What that mean counts for in the loss of the step. */
  readonly share: number;
}

/** How a step is divided into units. */
export interface UnitRules {
  readonly sizes: BatchSizes;
  /** Rows of a unit. */
  readonly unitRows: number;
  /** Whether the loss is the mean over the tokens of all micro batches, not of the micro batches' means. */
  readonly perTokenLoss: boolean;
}

/**
 * A rank's rows of a step. A micro batch is a contiguous part of the batch; when all ranks read all of it, each takes its
 * contiguous part of every micro batch.
 *
 * @param batch rows of all ranks, or with `sharded` this rank's own
 */
export async function stepRows(
  spec: LlamaSpec,
  world: RankWorld,
  batch: Batch,
  { sizes, unitRows, perTokenLoss }: UnitRules,
): Promise<StepRows> {
  const { microBatches, sharded, ownMeans, local } = sizes;
  const wide = spec.seqLength + 1;
  const read = sharded ? local : sizes.global;
  const rowsOf = (begin: number, count: number): TokenRows => {
    const part = (ids: Int32Array): Int32Array => ids.subarray(begin * wide, (begin + count) * wide);
    return { inputIds: part(batch.inputIds), ...(batch.labels && { labels: part(batch.labels) }) };
  };
  const parts = perTokenLoss ? 1 : microBatches;
  const totals = Float32Array.from({ length: parts }, (_, part) =>
    lossMask(spec, rowsOf((part * read) / parts, read / parts)).reduce((sum, weight) => sum + weight, 0),
  );
  if (sharded && ownMeans === 'none') await world.group(world.ranksAcross({ data: true })).allReduce(totals, 'sum');

  const perMicro = local / microBatches;
  const skipped = sharded ? 0 : world.own.data * perMicro;
  return {
    share: 1 / parts,
    maskTotal: (unit) => totals[Math.floor((unit * unitRows * parts) / local)] ?? 0,
    unit: (unit) => {
      const row = unit * unitRows;
      const micro = Math.floor(row / perMicro);
      return rowsOf((micro * read) / microBatches + skipped + (row % perMicro), unitRows);
    },
  };
}
