import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cairnIn, objects } from './cairn.ts';
import { tinyRunFolder } from './tiny-run.ts';

const KEY = '0123456789abcdef';

async function savedFolder(): Promise<string> {
  const folder = await tinyRunFolder();
  const run = cairnIn(folder, 'run', '--config', 'tiny.yaml', '--quiet');
  expect(run.code, run.stderr).toBe(0);
  return folder;
}

function plan(folder: string, ...flags: readonly string[]) {
  return cairnIn(folder, 'resume', 'plan', '--load_checkpoint', 'output/checkpoint', '--world_size', '2', ...flags);
}

test('names the newest checkpoint that is whole on every rank, and what was passed over', async () => {
  const folder = await savedFolder();
  expect(objects(plan(folder, '--json'))).toMatchObject([{ ok: true, step: 8 }]);
  fs.truncateSync(path.join(folder, 'output/checkpoint/rank_1/tiny_rank_1-4_2.ckpt'), 3000);
  const fallen = plan(folder, '--json');
  expect(fallen.code).toBe(0);
  expect(objects(fallen)).toMatchObject([
    {
      step: 4,
      files: ['output/checkpoint/rank_0/tiny_rank_0-2_2.ckpt', 'output/checkpoint/rank_1/tiny_rank_1-2_2.ckpt'],
    },
  ]);
  expect(fallen.stdout).toContain('tiny_rank_1-4_2.ckpt');
});

test('its exit code says what a launcher has to know', async () => {
  const folder = await savedFolder();
  expect(plan(folder, '--resume_training', 'tiny_rank_0-2_2').code).toBe(0);
  expect(plan(folder, '--resume_training', 'tiny_rank_0-3_2').code).toBe(4);
  expect(plan(folder, '--world_size', '3').code).toBe(3);
  expect(plan(folder, '--world_size', 'many').code).toBe(2);
  expect(cairnIn(folder, 'resume', 'plan', '--load_checkpoint', 'nowhere').code).toBe(3);
});

test('encrypted checkpoints are proven with their key', async () => {
  const folder = await tinyRunFolder();
  const yaml = path.join(folder, 'tiny.yaml');
  fs.writeFileSync(yaml, fs.readFileSync(yaml, 'utf8').replace('prefix: tiny,', `prefix: tiny, enc_key: '${KEY}',`));
  expect(cairnIn(folder, 'run', '--config', 'tiny.yaml', '--quiet').code).toBe(0);
  const without = plan(folder);
  expect(without.code).toBe(3);
  expect(without.stderr).toContain('encrypted with AES-GCM');
  expect(objects(plan(folder, '--dec_key', KEY, '--json'))).toMatchObject([{ ok: true, step: 8 }]);
});
