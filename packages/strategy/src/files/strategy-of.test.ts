import { expect, test } from 'vitest';
import type { InventoryEntry } from '../inventory.ts';
import { replicated } from '../layout.ts';
import { layoutsOf } from './layouts-of.ts';
import { mergeStrategies } from './merge-strategies.ts';
import { readStrategy, writeStrategy } from './read-strategy.ts';
import { strategyOf } from './strategy-of.ts';

const cut = { deviceMatrix: [2, 2], tensorMap: [-1, 0], optimizerShardSize: -1, optimizerShardStep: 2 };
const weight: InventoryEntry = { name: 'w', shape: [8, 4], dtype: 'Float32', layout: cut, role: 'weight', stages: [1] };
const tied: InventoryEntry = { ...weight, name: 'e', stages: [0, 1] };
const inventory: readonly InventoryEntry[] = [
  weight,
  tied,
  { ...weight, name: 'adam_m.w', role: 'state' },
  { ...weight, name: 'global_step', shape: [1], layout: replicated(1, [4]), role: 'scalar', stages: [0, 1] },
];

test("a stage's file lists its weights and states, with the weights as operators that tell the stage", () => {
  const file = strategyOf(inventory, 1);
  expect(file.layouts.map(({ name }) => name)).toEqual(['w', 'e', 'adam_m.w']);
  expect(file.operators).toEqual([
    { node: 'w', stage: 1, inputs: [[1, 2]] },
    { node: 'e', stage: 1, inputs: [[1, 2]] },
  ]);
});

test('merged, every entry has its layout on the stages that hold it', () => {
  const sources = [0, 1].map((stage) => ({
    name: `stage ${stage}`,
    file: readStrategy(writeStrategy(strategyOf(inventory, stage), 'json')),
  }));
  const { stages, stageRanks, tensors } = layoutsOf(mergeStrategies(sources).file);
  expect([stages, stageRanks]).toEqual([2, 4]);
  for (const entry of inventory.filter(({ role }) => role !== 'scalar')) {
    expect(tensors.get(entry.name)?.shape).toEqual(entry.shape);
    expect([...(tensors.get(entry.name)?.byStage ?? [])]).toEqual(entry.stages.map((stage) => [stage, entry.layout]));
  }
});
