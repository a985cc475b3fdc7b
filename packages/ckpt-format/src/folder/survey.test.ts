import { readdirSync, readFileSync } from 'node:fs';
import type { ByteSource } from '@cairn/bytes';
import { sourceOf } from '@cairn/bytes';
import { expect, test } from 'vitest';
import { checkpointOf, floats, folderOf } from '../../test/checkpoint-of.ts';
import { MemorySink } from '../../test/sources.ts';
import { decrypted, encryptingSink } from '../encryption/index.ts';
import { writeCkpt } from '../index.ts';
import { formatMeta, rankFolder, rankOfFolder, survey } from './index.ts';

test('a folder that MindFormers left, with its graph and meta.json', async () => {
  const root = new URL('../../../../conformance/golden/mindformers-run/checkpoint-step6/rank_0/', import.meta.url);
  const files = readdirSync(root).map((name) => [`rank_0/${name}`, readFileSync(new URL(name, root))] as const);
  const found = await survey(folderOf(Object.fromEntries(files)), 0);
  expect(found).toMatchObject({ rank: 0, metaProblem: null });
  expect(found.meta).toEqual({ lastEpoch: 2, lastStep: 2, lastFile: 'llama_tiny_rank_0-2_2.ckpt' });
  expect(found.files).toMatchObject([
    {
      file: 'llama_tiny_rank_0-2_2.ckpt',
      bytes: 245_690,
      problem: null,
      side: false,
      position: { step: 6, epoch: 2, globalBatchSize: 4, lossScale: 65_536 },
    },
  ]);
});

test('only this rank’s checkpoints count among other things', async () => {
  const file = await checkpointOf({ step: 4 });
  const names = [
    'rank_0/a_rank_0-2_2.ckpt',
    'rank_0/a_rank_1-2_2.ckpt',
    'rank_0/a_rank_0-2_2.tmp',
    'rank_0/a_rank_0-graph.meta',
    'rank_0/older/a_rank_0-9_2.ckpt',
    'rank_0/a_rank_0-2_2.ckpt.cairn.json',
    'rank_01/a_rank_0-3_2.ckpt',
    'rank_1/a_rank_1-2_2.ckpt',
    'a_rank_0-2_2.ckpt',
  ];
  const found = await survey(folderOf(Object.fromEntries(names.map((name) => [name, file]))), 0);
  expect(found.files).toEqual([
    {
      file: 'a_rank_0-2_2.ckpt',
      name: { prefix: 'a', rank: 0, run: 0, epoch: 2, step: 2, format: 'ckpt' },
      bytes: file.length,
      modifiedMs: 7,
      position: { step: 4, epoch: null, globalBatchSize: null, lossScale: null },
      problem: null,
      side: true,
    },
  ]);
});

test('a file that cannot be read is there with the reason', async () => {
  const file = await checkpointOf({ step: 4 });
  const { files } = await survey(
    folderOf({
      'rank_2/a_rank_2-1_2.ckpt': file.subarray(0, file.length - 1),
      'rank_2/a_rank_2-2_2.ckpt': '',
      'rank_2/a_rank_2-3_2.safetensors': file,
      'rank_2/a_rank_2-4_2.ckpt': await checkpointOf({}),
    }),
    2,
  );
  expect(files.map(({ position, problem }) => [position, problem])).toEqual([
    [null, expect.stringContaining('the file was cut')],
    [null, expect.stringContaining('holds no entry')],
    [null, expect.stringContaining('header')],
    [expect.objectContaining({ step: null }), null],
  ]);
});

test.each([
  [undefined, 'rank_0/meta.json is not there'],
  ['{"last_epoch', 'rank_0/meta.json is not JSON'],
  [' '.repeat(70_000), 'rank_0/meta.json has 70000 bytes: not a meta.json'],
])('a meta.json that is %j is told', async (text, metaProblem) => {
  const folder = folderOf(text === undefined ? {} : { 'rank_0/meta.json': text });
  expect(await survey(folder, 0)).toEqual({ rank: 0, meta: null, metaProblem, files: [] });
});

test('encrypted checkpoints are surveyed through their key', async () => {
  const options = { key: new Uint8Array(16).fill(3), mode: 'AES-GCM' } as const;
  const sink = new MemorySink();
  const encrypting = encryptingSink(sink, { ...options, randomIv: (bytes) => new Uint8Array(bytes) });
  const step = { ...floats('step_num', [12]), shape: [] };
  await writeCkpt(encrypting, [floats('w', [1]), step]);
  await encrypting.finish();
  const folder = folderOf({ 'rank_0/a_rank_0-6_2.ckpt': sink.bytes });
  const unlock = async (source: ByteSource) => decrypted(source, options);
  expect((await survey(folder, 0)).files).toMatchObject([{ problem: expect.stringContaining('encrypted') }]);
  expect((await survey(folder, 0, unlock)).files).toMatchObject([{ problem: null, position: { step: 12 } }]);
});

test('every file that was opened is closed, whatever it holds', async () => {
  const folder = folderOf({
    'rank_0/a_rank_0-1_2.ckpt': await checkpointOf({ step: 1 }),
    'rank_0/a_rank_0-2_2.ckpt': 'no checkpoint',
    'rank_0/meta.json': formatMeta({ lastEpoch: 1, lastStep: 2, lastFile: 'a_rank_0-1_2.ckpt' }),
  });
  let open = 0;
  const counted = {
    ...folder,
    open: async (name: string) => {
      open += 1;
      return { ...(await folder.open(name)), close: () => void (open -= 1) };
    },
  };
  expect((await survey(counted, 0)).files).toHaveLength(2);
  expect(open).toBe(0);
  const broken = {
    ...counted,
    open: async () => ({ ...sourceOf(new Uint8Array(0)), size: 9, read: failing, close() {} }),
  };
  await expect(survey(broken, 0)).rejects.toThrow('the disk is gone');
});

function failing(): never {
  throw new Error('the disk is gone');
}

test('a meta.json that is replaced after it was listed is read as it then is', async () => {
  const meta = { lastEpoch: 10, lastStep: 2, lastFile: 'a_rank_0-10_2.ckpt' };
  const folder = folderOf({ 'rank_0/meta.json': formatMeta(meta) });
  for (const bytes of [3, 500]) {
    const listed = { ...folder, list: async () => [{ name: 'rank_0/meta.json', bytes, modifiedMs: 7 }] };
    expect(await survey(listed, 0)).toMatchObject({ meta, metaProblem: null });
  }
});

test('a rank has its folder, and a folder its rank', () => {
  expect(rankFolder(12)).toBe('rank_12');
  expect(['rank_12', 'checkpoint/rank_3', 'rank_', 'rank_1/x', 'xrank_1', ''].map(rankOfFolder)).toEqual([
    12,
    3,
    null,
    null,
    null,
    null,
  ]);
});
