import type { Inventory, InventoryEntry } from '../inventory.ts';
import { sliceShape } from '../slice.ts';
import type { StrategyFile } from './strategy-file.ts';

/** Save counter of the first file of a process. */
const FIRST_SAVE = 1;

/**
 * The strategy file of the ranks of one stage. Scalars are not in it. Its operators are one a weight, under the weight's
 * name, as MindFormers' own writer has it: they tell the stage when files are merged.
 */
export function strategyOf(inventory: Inventory, stage: number): StrategyFile {
  const held = inventory.filter(({ role, stages }) => role !== 'scalar' && stages.includes(stage));
  return {
    currentStage: FIRST_SAVE,
    operators: held
      .filter(({ role }) => role === 'weight')
      .map((entry) => ({ node: entry.name, stage, inputs: [piecesOf(entry)] })),
    layouts: held.map(({ name, layout, shape }) => ({
      name,
      layout,
      shape,
      field: 0,
      splitShape: [],
      indicesOffset: [],
    })),
  };
}

/** Pieces each axis is cut into by the model. */
function piecesOf({ layout, shape }: InventoryEntry): readonly number[] {
  const slice = sliceShape({ ...layout, optimizerShardSize: 0 }, shape);
  return shape.map((size, axis) => size / slice[axis]!);
}
