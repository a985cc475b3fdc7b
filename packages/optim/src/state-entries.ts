import type { InventoryEntry } from '@cairn/strategy';
import { replicated } from '@cairn/strategy';

/** Names of a parameter's optimizer state (mindformers-behaviour §9.5). */
export function stateNames(parameter: string): { readonly m: string; readonly v: string } {
  return { m: `adam_m.${parameter}`, v: `adam_v.${parameter}` };
}

/**
 * What the optimizer and the training wrapper add to a checkpoint behind the weights, in upstream's order: the loss
 * scale, the number of updates, all first moments, all second ones, the loss-scale window (mindformers-behaviour §1.4).
 *
 * @param weights entries of the weights in the optimizer's order; states are laid out like them
 * @param dynamic whether the loss scale is dynamic and has a window
 */
export function stateEntries(weights: readonly InventoryEntry[], dynamic: boolean): readonly InventoryEntry[] {
  const state = (name: (parameter: string) => string): InventoryEntry[] =>
    weights.map((weight) => ({ ...weight, name: name(weight.name), dtype: 'Float32', role: 'state' }));
  const stages = [...new Set(weights.flatMap((weight) => weight.stages))].toSorted((a, b) => a - b);
  const scalar = (name: string, dtype: 'Float32' | 'Int32', shape: readonly number[] = []): InventoryEntry => ({
    name,
    shape,
    dtype,
    layout: replicated(shape.length),
    role: 'scalar',
    stages,
  });
  return [
    scalar('scale_sense', 'Float32'),
    scalar('global_step', 'Int32', [1]),
    ...state((parameter) => stateNames(parameter).m),
    ...state((parameter) => stateNames(parameter).v),
    ...(dynamic ? [scalar('current_iterator_step', 'Int32'), scalar('last_overflow_iterator_step', 'Int32')] : []),
  ];
}
