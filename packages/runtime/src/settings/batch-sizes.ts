import type { RunConfig } from '@cairn/config';

/** How the rows of one optimizer step are divided. */
export interface BatchSizes {
  /** Rows of a step over all ranks. */
  readonly global: number;
  /** Rows of a step on this rank. */
  readonly local: number;
  /** Micro batches of a step, each with a mean loss of its own; gradients are their average. */
  readonly microBatches: number;
}

/** The batch arithmetic of a run on one device (mindformers-behaviour §2.6, ruling 39). */
export function batchSizesOf({ runner_config: runner }: RunConfig): BatchSizes {
  const rows = runner.batch_size * runner.gradient_accumulation_steps;
  return { global: rows, local: rows, microBatches: runner.gradient_accumulation_steps };
}
