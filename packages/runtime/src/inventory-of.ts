import type { ExpectedEntry } from '@cairn/ckpt-format/folder';
import { parametersOf } from '@cairn/model';
import type { LlamaSpec } from '@cairn/model';
import { inOptimizerOrder, stateEntries } from '@cairn/optim';
import type { LossScaleSpec } from '@cairn/optim';
import { replicated } from '@cairn/strategy';
import type { Inventory, InventoryEntry } from '@cairn/strategy';

/** The full list of what a checkpoint of a run on one device holds: weights in the optimizer's order, then states. */
export function inventoryOf(spec: LlamaSpec, lossScale: LossScaleSpec): Inventory {
  const weights = inOptimizerOrder(parametersOf(spec)).map((parameter): InventoryEntry => ({
    name: parameter.name,
    shape: parameter.shape,
    dtype: parameter.dtype,
    layout: replicated(parameter.shape.length),
    role: 'weight',
    stages: [0],
  }));
  return [...weights, ...stateEntries(weights, lossScale.kind === 'dynamic')];
}

/** Weights and states by name, as a rank's file must hold them. */
export function expectedEntries(inventory: Inventory): ReadonlyMap<string, ExpectedEntry> {
  const tensors = inventory.filter(({ role }) => role !== 'scalar');
  return new Map(tensors.map(({ name, shape, dtype }) => [name, { shape, dtype }]));
}
