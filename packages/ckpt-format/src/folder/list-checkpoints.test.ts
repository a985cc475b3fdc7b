import { expect, test } from 'vitest';
import { checkpointOf, folderOf } from '../../test/checkpoint-of.ts';
import { formatMeta, listCheckpoints, metaDisagreements, metaFlaws, newerThanMeta } from './index.ts';

const META = formatMeta({ lastEpoch: 2, lastStep: 2, lastFile: 'a_rank_0-2_2.ckpt' });

test('checkpoints of any name in all folders, rank folders in the order of the ranks', async () => {
  const file = await checkpointOf({ step: 4 });
  const folder = folderOf({
    'out/checkpoint/rank_10/a_rank_10-2_2.ckpt': file,
    'out/checkpoint/rank_9/a_rank_9-2_2.ckpt': file,
    'out/checkpoint/rank_9/a_rank_9-2_2.ckpt.cairn.json': '{}',
    'out/checkpoint/rank_9/meta.json': 'broken',
    'out/checkpoint_network/rank_9/a_rank_9-network.ckpt': await checkpointOf({}),
    'out/strategy/notes.txt': 'nothing',
    'model.safetensors': await checkpointOf({ format: 'safetensors' }),
    'cut.ckpt': file.subarray(0, 30),
  });
  const listed = await listCheckpoints(folder);
  expect(listed.map(({ path, hasMeta, files }) => [path, hasMeta, files.map(({ file }) => file)])).toEqual([
    ['', false, ['cut.ckpt', 'model.safetensors']],
    ['out/checkpoint/rank_9', true, ['a_rank_9-2_2.ckpt']],
    ['out/checkpoint/rank_10', false, ['a_rank_10-2_2.ckpt']],
    ['out/checkpoint_network/rank_9', false, ['a_rank_9-network.ckpt']],
  ]);
  const files = listed.flatMap(({ files }) => files);
  expect(files).toMatchObject([
    { path: 'cut.ckpt', format: 'ckpt', bytes: 30, side: false, problem: expect.stringContaining('cut') },
    { path: 'model.safetensors', format: 'safetensors', side: false, problem: null, position: { step: null } },
    { path: 'out/checkpoint/rank_9/a_rank_9-2_2.ckpt', side: true, position: { step: 4 } },
    { path: 'out/checkpoint/rank_10/a_rank_10-2_2.ckpt', side: false },
    { path: 'out/checkpoint_network/rank_9/a_rank_9-network.ckpt', problem: null },
  ]);
});

test('strategy files are no checkpoints, whatever a checkpoint is called', async () => {
  const file = await checkpointOf({ step: 4 });
  const folder = folderOf({
    'output/strategy/ckpt_strategy_rank_0.ckpt': 'no checkpoint',
    'output/strategy/rank_0.ckpt': 'no checkpoint',
    'merged_ckpt_strategy.ckpt': 'no checkpoint',
    'strategy_rank_0-2_2.ckpt': file,
  });
  const listed = await listCheckpoints(folder);
  expect(listed.flatMap(({ files }) => files.map(({ path }) => path))).toEqual(['strategy_rank_0-2_2.ckpt']);
});

test('files of a folder stand in the order of their steps, not of their names', async () => {
  const folder = folderOf({
    'a_rank_0-10_2.ckpt': await checkpointOf({ step: 20 }),
    'a_rank_0-9_2.ckpt': await checkpointOf({ step: 18 }),
    'a_rank_0_1-1_2.ckpt': await checkpointOf({ step: 22 }),
  });
  const [listed] = await listCheckpoints(folder);
  expect(listed?.files.map(({ position }) => position?.step)).toEqual([18, 20, 22]);
});

test('a meta.json that names a file of that position is in order', async () => {
  const file = await checkpointOf({ step: 4 });
  const newer = await checkpointOf({ step: 6 });
  const [listed] = await listCheckpoints(
    folderOf({ 'meta.json': META, 'a_rank_0-2_2.ckpt': file, 'a_rank_0-3_2.ckpt': newer }),
  );
  expect(metaFlaws(listed!)).toEqual([]);
  expect(newerThanMeta(listed!)).toEqual(['a_rank_0-3_2.ckpt']);
});

test('a meta.json that fits nothing is told', async () => {
  const flawsOf = async (files: Record<string, string | Uint8Array>): Promise<readonly string[]> =>
    metaFlaws((await listCheckpoints(folderOf(files)))[0]!);
  expect(await flawsOf({ 'meta.json': META })).toEqual(['it names a_rank_0-2_2.ckpt, which is not there']);
  expect(await flawsOf({ 'meta.json': '{}' })).toEqual([expect.stringContaining('whole numbers')]);
  const other = formatMeta({ lastEpoch: 3, lastStep: 2, lastFile: 'a_rank_0-2_2.ckpt' });
  expect(await flawsOf({ 'meta.json': other, 'a_rank_0-2_2.ckpt': await checkpointOf({ step: 4 }) })).toEqual([
    'it says epoch 3, step 2, and names a_rank_0-2_2.ckpt',
  ]);
  expect(await flawsOf({ 'a.ckpt': await checkpointOf({}) })).toEqual([]);
});

test('ranks whose meta.json name different positions are listed, those of each run among themselves', async () => {
  const meta = (rank: number, epoch: number): string =>
    formatMeta({ lastEpoch: epoch, lastStep: 2, lastFile: `a_rank_${rank}-${epoch}_2.ckpt` });
  const folder = folderOf({
    'x/rank_0/meta.json': meta(0, 12),
    'x/rank_1/meta.json': meta(1, 10),
    'y/rank_0/meta.json': meta(0, 7),
    'y/rank_1/meta.json': meta(1, 7),
    'z/meta.json': meta(0, 1),
  });
  expect(metaDisagreements(await listCheckpoints(folder))).toEqual([
    {
      path: 'x',
      positions: [
        { rank: 0, epoch: 12, step: 2 },
        { rank: 1, epoch: 10, step: 2 },
      ],
    },
  ]);
});
