import type { RunConfig } from '@cairn/config';
import { checkWorldSize, worldSize } from '@cairn/strategy';
import type { Inventory, ParallelSpec } from '@cairn/strategy';
import { inventoryOf } from '../inventory-of.ts';
import { llamaSpecOf } from '../settings/llama-spec.ts';
import { lossScaleSpecOf } from '../settings/optimizer-settings.ts';
import { parallelSpecOf, stagesOf } from '../settings/parallel-settings.ts';

/** How the checkpoints of a run lie on its ranks. */
export interface RunLayout {
  readonly parallel: ParallelSpec;
  readonly inventory: Inventory;
}

/**
 * How the checkpoints of a run lie on its ranks, from its configuration alone: without data, device or other ranks.
 *
 * @param ranks number of ranks, where it is known; it must then fit the configuration
 * @throws RunError, ModelError or StrategyError with the configuration key at fault
 */
export function runLayoutOf(config: RunConfig, ranks: number | null = null): RunLayout {
  const spec = llamaSpecOf(config);
  const parallel = parallelSpecOf(config, ranks ?? config.environment.rankSize);
  checkWorldSize(parallel, ranks ?? worldSize(parallel));
  const spread = { parallel, stageOfLayer: stagesOf(config, spec, parallel) };
  return { parallel, inventory: inventoryOf(spec, lossScaleSpecOf(config), spread) };
}
