import type { ExpectedEntry } from '@cairn/ckpt-format/folder';
import { parameterLayout, parametersOf, stagesOfParameter } from '@cairn/model';
import type { LlamaSpec } from '@cairn/model';
import { inOptimizerOrder, stateEntries } from '@cairn/optim';
import type { LossScaleSpec } from '@cairn/optim';
import { ALONE, entriesOfRank, ownedBy, replicated, stageSize } from '@cairn/strategy';
import type { Inventory, InventoryEntry, ParallelSpec, RankEntry } from '@cairn/strategy';
import type { ExpectedContents } from './rank/checkpoint-file.ts';

/** How a run is spread, as far as its checkpoints show it. */
export interface Spread {
  readonly parallel: ParallelSpec;
  /** Stage of every layer. */
  readonly stageOfLayer: readonly number[];
}

/** A run on one rank. */
function aloneSpread({ layers }: LlamaSpec): Spread {
  return { parallel: ALONE, stageOfLayer: Array<number>(layers).fill(0) };
}

/**
 * The full list of what the checkpoints of a run hold, over all ranks: weights in the optimizer's order, then states.
 * {@link entriesOfRank} says what of it is in one rank's file.
 */
export function inventoryOf(spec: LlamaSpec, lossScale: LossScaleSpec, spread: Spread = aloneSpread(spec)): Inventory {
  const { parallel, stageOfLayer } = spread;
  const weights = inOptimizerOrder(parametersOf(spec)).map((parameter): InventoryEntry => ({
    name: parameter.name,
    shape: parameter.shape,
    dtype: parameter.dtype,
    layout: parameterLayout(parameter, spec, parallel),
    role: 'weight',
    stages: stagesOfParameter(parameter, spec, stageOfLayer, parallel.stages),
  }));
  const devices = [stageSize(parallel)];
  const states = stateEntries(weights, lossScale.kind === 'dynamic').map((entry) =>
    entry.role === 'scalar' ? { ...entry, layout: replicated(entry.shape.length, devices) } : entry,
  );
  return [...weights, ...states];
}

/** Weights and states by name, as a rank's file must hold them. */
export function expectedEntries(
  inventory: Inventory,
  parallel: ParallelSpec = ALONE,
  rank = 0,
): ReadonlyMap<string, ExpectedEntry> {
  return byName(entriesOfRank(inventory, parallel, rank));
}

/** What files of a rank must hold: everything it has, or what it stores where ranks store what they have alike once. */
export function expectedContents(
  inventory: Inventory,
  parallel: ParallelSpec,
  rank: number,
): Omit<ExpectedContents, 'reduced'> {
  return { whole: expectedEntries(inventory, parallel, rank), owned: byName(ownedBy(inventory, parallel, rank)) };
}

function byName(entries: readonly RankEntry[]): ReadonlyMap<string, ExpectedEntry> {
  const tensors = entries.filter(({ entry }) => entry.role !== 'scalar');
  return new Map(tensors.map(({ entry: { name, dtype }, shape }) => [name, { shape, dtype }]));
}
