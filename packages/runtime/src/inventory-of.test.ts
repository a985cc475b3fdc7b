import { elementCount } from '@cairn/bytes';
import { expectConfig, parseConfig } from '@cairn/config';
import { ALONE, entriesOfRank, worldSize } from '@cairn/strategy';
import type { Inventory, ParallelSpec } from '@cairn/strategy';
import { expect, test } from 'vitest';
import { TINY_YAML } from '../test/tiny-run.ts';
import { expectedEntries, inventoryOf } from './inventory-of.ts';
import { llamaSpecOf } from './settings/llama-spec.ts';
import { lossScaleSpecOf } from './settings/optimizer-settings.ts';

const parallel: ParallelSpec = { ...ALONE, dataParallel: 2, modelParallel: 2, stages: 2 };

async function tinyInventory(spread?: ParallelSpec, change = ''): Promise<Inventory> {
  const text = TINY_YAML.replace('num_layers: 1', `num_layers: 2${change}`);
  const { config } = expectConfig(await parseConfig({ name: 'tiny.yaml', text }));
  const spec = llamaSpecOf(config);
  return spread === undefined
    ? inventoryOf(spec, lossScaleSpecOf(config))
    : inventoryOf(spec, lossScaleSpecOf(config), { parallel: spread, stageOfLayer: [0, 1] });
}

test('on one rank everything is whole', async () => {
  const inventory = await tinyInventory();
  const held = entriesOfRank(inventory, ALONE, 0);
  expect(held.map(({ shape }) => shape)).toEqual(inventory.map(({ shape }) => shape));
});

test('over all ranks every weight and every state is held once by each copy', async () => {
  const inventory = await tinyInventory({ ...parallel, optimizerShards: { thresholdBytes: 0, size: -1 } });
  for (const entry of inventory.filter(({ role }) => role !== 'scalar')) {
    let elements = 0;
    const boxes = new Set<string>();
    for (let rank = 0; rank < worldSize(parallel); rank++) {
      const held = entriesOfRank(inventory, parallel, rank).find((each) => each.entry === entry);
      if (held === undefined || boxes.has(JSON.stringify(held.box))) continue;
      boxes.add(JSON.stringify(held.box));
      elements += elementCount(held.shape);
    }
    expect([entry.name, elements]).toEqual([entry.name, elementCount(entry.shape)]);
  }
});

test('a file holds the weights of its stage, their states and the scalars', async () => {
  const names = entriesOfRank(await tinyInventory(parallel), parallel, 4).map(({ entry }) => entry.name);
  expect(names).toContain('adam_m.model.layers.1.attention.wq.weight');
  expect(names).toContain('global_step');
  expect(names).toContain('lm_head.weight');
  expect(names.filter((name) => /layers\.0|tok_embeddings/.test(name))).toEqual([]);
});

test('a tied embedding and its states are held by the first and the last stage', async () => {
  const inventory = await tinyInventory(parallel, ', tie_word_embeddings: True');
  const stagesBy = new Map(inventory.map(({ name, stages }) => [name, stages]));
  expect(stagesBy.get('model.tok_embeddings.embedding_weight')).toEqual([0, 1]);
  expect(stagesBy.get('adam_v.model.tok_embeddings.embedding_weight')).toEqual([0, 1]);
});

test('a rank expects the shapes of its slices in its file', async () => {
  const expected = expectedEntries(await tinyInventory(parallel), parallel, 1);
  expect(expected.get('model.layers.0.attention.wq.weight')).toEqual({ shape: [8, 16], dtype: 'Float32' });
  expect(expected.has('global_step')).toBe(false);
});

test('1,024 ranks share one inventory that is as long as that of one', async () => {
  const many = { ...ALONE, dataParallel: 512, modelParallel: 2 };
  expect((await tinyInventory({ ...many, stages: 1 })).length).toBe((await tinyInventory()).length);
});
