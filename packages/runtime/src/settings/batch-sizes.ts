import type { RunConfig } from '@cairn/config';
import type { ParallelSpec } from '@cairn/strategy';

/** How the rows of one optimizer step are divided. */
export interface BatchSizes {
  /** Rows of a step over all ranks. */
  readonly global: number;
  /** Rows of a step on this rank. */
  readonly local: number;
  /** Micro batches of a step, each with a mean loss of its own; gradients are their average. */
  readonly microBatches: number;
  /** Whether each data-parallel rank reads rows of its own; else all read all and take their part. */
  readonly sharded: boolean;
  /** Whether each data-parallel rank has a mean loss of its own, and gradients are added up or averaged over them. */
  readonly ownMeans: 'none' | 'added' | 'averaged';
}

/**
 * The batch arithmetic of a run (qwen-llama-data §4.6, ruling 39): `micro_batch_num` counts with pipeline stages only,
 * `gradient_accumulation_steps` in every mode.
 */
export function batchSizesOf(config: RunConfig, { dataParallel, stages }: ParallelSpec): BatchSizes {
  const { runner_config: runner, parallel, parallel_config: spread } = config;
  const alone = !config.use_parallel || parallel.parallel_mode === 'stand_alone';
  const dataMode = !alone && parallel.parallel_mode === 'data_parallel';
  const interleaved = alone || dataMode ? 1 : config.micro_batch_interleave_num;
  const piped = stages > 1 ? spread.micro_batch_num : 1;
  const microBatches = runner.gradient_accumulation_steps * interleaved * piped;
  const local = runner.batch_size * microBatches;
  return {
    global: local * dataParallel,
    local,
    microBatches,
    sharded: dataParallel > 1 && (dataMode || !parallel.full_batch),
    ownMeans: dataMode && dataParallel > 1 ? (parallel.gradients_mean ? 'averaged' : 'added') : 'none',
  };
}
