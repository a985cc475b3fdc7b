import type { Box } from '@cairn/bytes';
import type { Inventory, InventoryEntry } from './inventory.ts';
import type { ParallelSpec } from './parallel-spec.ts';
import { coordinatesOf } from './parallel-spec.ts';
import { sliceOf } from './slice.ts';
import { isStrategyError, StrategyError } from './strategy-error.ts';

/** An entry as one rank holds it. */
export interface RankEntry {
  readonly entry: InventoryEntry;
  /** Shape of what the rank holds. */
  readonly shape: readonly number[];
  /** Where that lies in the full tensor. */
  readonly box: Box;
}

/**
 * What the file of one rank holds, in the order of the inventory: the entries of its stage, each as the rank's slice.
 *
 * @param rank rank of the whole run
 * @throws StrategyError naming the tensor that does not divide
 */
export function entriesOfRank(inventory: Inventory, parallel: ParallelSpec, rank: number): readonly RankEntry[] {
  const { stage, inStage } = coordinatesOf(parallel, rank);
  // The layers of a model lie alike: few slices are different ones.
  const boxes = new Map<string, Box>();
  return inventory
    .filter(({ stages }) => stages.includes(stage))
    .map((entry) => {
      const key = keyOf(entry);
      const box = boxes.get(key) ?? sliceOfEntry(entry, inStage);
      boxes.set(key, box);
      return { entry, shape: box.map(([begin, end]) => end - begin), box };
    });
}

function keyOf({ layout, shape }: InventoryEntry): string {
  const { deviceMatrix, tensorMap, optimizerShardSize, optimizerShardStep } = layout;
  const map = tensorMap.map((entry) => (typeof entry === 'number' ? entry : entry.join('.')));
  return `${shape.join()} ${deviceMatrix.join()} ${map.join()} ${optimizerShardSize} ${optimizerShardStep}`;
}

function sliceOfEntry({ name, layout, shape }: InventoryEntry, inStage: number): Box {
  try {
    return sliceOf(layout, shape, inStage);
  } catch (error) {
    if (!isStrategyError(error)) throw error;
    throw new StrategyError(error.code, `${name}: ${error.message}`, { ...error.place, tensor: name, cause: error });
  }
}
