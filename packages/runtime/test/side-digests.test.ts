import fs from 'node:fs';
import path from 'node:path';
import { combineDigests } from '@cairn/bytes';
import type { Box } from '@cairn/bytes';
import { parseSideFile } from '@cairn/ckpt-format/folder';
import { expect, test } from 'vitest';
import { dataFolder, ranksOf, trained } from './spread-run.ts';
import type { Spread } from './spread-run.ts';

/** The digest of every weight of the save at step 4, put together from the side files of the ranks. */
async function weightDigests(spread: Spread): Promise<ReadonlyMap<string, string>> {
  const cwd = await dataFolder();
  // Without a learning rate the weights stay those of the seed, which are the same however they are cut.
  await trained({ ...spread, learningRate: 0 }, cwd);
  const slices = new Map<string, { shape: readonly number[]; digests: Map<string, string> }>();
  for (let rank = 0; rank < ranksOf(spread); rank++) {
    const name = `output/checkpoint/rank_${rank}/tiny_rank_${rank}-2_2.ckpt.cairn.json`;
    const side = parseSideFile(fs.readFileSync(path.join(cwd, name), 'utf8'));
    if ('problem' in side) throw new Error(side.problem);
    for (const [tensor, { digest, shape, box }] of Object.entries(side.tensors)) {
      if (!tensor.endsWith('weight') || tensor.startsWith('adam_')) continue;
      const whole: Box = shape.map((size) => [0, size]);
      const known = slices.get(tensor) ?? { shape, digests: new Map<string, string>() };
      slices.set(tensor, known);
      known.digests.set(JSON.stringify(box ?? whole), digest);
    }
  }
  return new Map(
    [...slices].map(([tensor, { shape, digests }]) => [tensor, combineDigests('Float32', shape, digests.values())]),
  );
}

test.each<[string, Spread]>([
  ['mp2', { mp: 2 }],
  ['dp2 mp2 with optimizer shards', { dp: 2, mp: 2, rows: 4, shards: -1 }],
  ['pp2', { pp: 2, rows: 4, micro: 2 }],
])('%s: the digests beside the slices are together those of the whole tensors', async (_, spread) => {
  const expected = await weightDigests({});
  expect(expected.size).toBeGreaterThan(30);
  expect(Object.fromEntries(await weightDigests(spread))).toEqual(Object.fromEntries(expected));
});
