import fs from 'node:fs';
import path from 'node:path';
import { layoutCkpt } from '@cairn/ckpt-format';
import { expect, test, vi } from 'vitest';
import { cairn, golden, objects, shell, temporaryFolder } from './cairn.ts';
import { smallModel, writeFile, writeRun } from './checkpoint-files.ts';

vi.setConfig({ testTimeout: 60_000 });

test('a file of MindSpore: names, types, shapes, bytes, texts', () => {
  const file = golden('ckpt/append.ckpt');
  const { code, lines, stderr } = cairn('ckpt', 'ls', file);
  expect([code, stderr]).toEqual([0, '']);
  expect(lines[0]).toBe(`${file}: ckpt, 418 bytes`);
  expect(lines[2]).toMatch(/^net\.w +Float32 +\[3, 4\] +48$/);
  expect(lines.some((line) => /^note +text +"epoch finished"$/.test(line))).toBe(true);
  expect(lines.at(-1)).toBe('10 tensors, 25 elements, 98 bytes');
});

test('with --json one object a file, in both formats', () => {
  const files = [golden('ckpt/append.ckpt'), golden('ckpt/crc_good.safetensors'), golden('ckpt/map_entry.ckpt')];
  const [append, safe, map] = objects(cairn('ckpt', 'ls', '--json', ...files));
  expect(append).toMatchObject({ file: files[0], format: 'ckpt', crc: null, maps: [] });
  expect(append).toHaveProperty('tensors[0]', { name: 'net.w', dtype: 'Float32', shape: [3, 4], bytes: 48 });
  expect(append).toHaveProperty('texts', [
    { name: 'note', text: 'epoch finished' },
    { name: 'empty', text: '' },
  ]);
  expect(safe).toMatchObject({ format: 'safetensors', crc: 1_991_990_326, metadata: { format: 'ms' } });
  expect(map).toMatchObject({
    tensors: [{ name: 'w' }],
    maps: [{ name: 'tbl', keys: { dtype: 'Int32', shape: [2], bytes: 8 }, values: { shape: [2, 2] } }],
  });
});

test('a file of 20 GiB is listed from its headers', () => {
  const file = path.join(temporaryFolder(), 'large.ckpt');
  const { bytes, entries } = layoutCkpt([
    { kind: 'tensor', name: 'w', dtype: 'Float32', shape: [20 * 2 ** 18, 1024] },
    { kind: 'tensor', name: 'step_num', dtype: 'Int64', shape: [] },
  ]);
  const descriptor = fs.openSync(file, 'w');
  for (const { header, headerOffset } of entries.flatMap(({ parts }) => parts)) {
    fs.writeSync(descriptor, header, 0, header.length, headerOffset);
  }
  fs.ftruncateSync(descriptor, bytes);
  fs.closeSync(descriptor);
  expect(entries[0]?.parts).toHaveLength(40);
  const { code, lines } = cairn('ckpt', 'ls', file);
  expect([code, lines[0]]).toEqual([0, `${file}: ckpt, 20.0 GiB`]);
  expect(lines[2]).toMatch(/^w +Float32 +\[5242880, 1024\] +21474836480$/);
});

test('a folder of a run: a table a rank, with what meta.json names and what lies beside', async () => {
  const root = temporaryFolder();
  await writeRun(root);
  fs.truncateSync(`${root}/rank_1/x_rank_1-1_2.ckpt`, 45);
  const { code, lines } = cairn('ckpt', 'ls', root);
  expect(code).toBe(4);
  expect(lines[0]).toBe(`${root}/rank_0`);
  expect(lines[1]).toMatch(/^ +file +format +step +epoch +size +meta.json +side file +state$/);
  expect(lines[2]).toMatch(/^ +x_rank_0-1_2.ckpt +ckpt +2 +- +.* bytes +- +yes +readable$/);
  expect(lines[3]).toMatch(/^ +x_rank_0-2_2.ckpt +ckpt +4 +- +.* bytes +names it +yes +readable$/);
  expect(lines[4]).toBe(`${root}/rank_1`);
  expect(lines[6]).toMatch(/x_rank_1-1_2.ckpt +ckpt +- +- +45 bytes +- +yes +.*the file was cut$/);
  const rank0 = cairn('ckpt', 'ls', `${root}/rank_0/`, '--json');
  expect(rank0.code).toBe(0);
  expect(objects(rank0)).toMatchObject([
    { file: `${root}/rank_0/x_rank_0-1_2.ckpt`, rank: 0, format: 'ckpt', step: 2, meta: false, side: true, ok: true },
    { file: `${root}/rank_0/x_rank_0-2_2.ckpt`, rank: 0, step: 4, meta: true, problem: null },
  ]);
});

test('what cannot be listed is told, and the others are listed', async () => {
  const root = temporaryFolder();
  const whole = await writeFile(`${root}/whole.ckpt`, smallModel());
  fs.writeFileSync(`${root}/empty.ckpt`, '');
  const { code, stdout, stderr } = cairn('ckpt', 'ls', `${root}/empty.ckpt`, `${root}/whole.ckt`, whole);
  expect(code).toBe(4);
  expect(stderr).toBe(
    `error: ${root}/empty.ckpt: the file of 0 bytes holds no entry\n` +
      `error: ${root}/whole.ckt does not exist; the nearest that exists is ${whole}\n`,
  );
  expect(stdout).toContain('net.w');
});

test.each([
  [2, 'a path that does not exist', (root: string) => `${root}/none/x.ckpt`, 'there is no folder'],
  [3, 'a folder without checkpoints', (root: string) => root, 'holds no checkpoint'],
  [2, 'a pickle', (root: string) => `${root}/model.pth`, 'is a pickle, which is code: save the model as safetensors'],
])('exit code %i for %s', (code, _, pathIn, words) => {
  const root = temporaryFolder();
  fs.writeFileSync(`${root}/model.pth`, 'x');
  const finished = cairn('ckpt', 'ls', pathIn(root));
  expect([finished.code, finished.stdout]).toEqual([code, '']);
  expect(finished.stderr).toContain(words);
});

test('a reader that goes away ends the printing, not the command', async () => {
  const root = temporaryFolder();
  const many = Array.from({ length: 20_000 }, (_, i) => ({ ...smallModel()[1]!, name: `layer.${i}.weight` }));
  const file = await writeFile(`${root}/many.ckpt`, many);
  const { code, lines, stderr } = shell(`cairn ckpt ls ${file} ${file} | head -1`);
  expect([code, lines, stderr]).toEqual([0, [expect.stringContaining(file)], '']);
});

test('an encrypted file is listed with its key, and says that it is encrypted without', () => {
  const key = (bytes: number): string =>
    `hex:${'0b121920272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4'.slice(0, 2 * bytes)}`;
  const file = golden('ckpt/enc_aes_gcm_192.ckpt');
  expect(cairn('ckpt', 'ls', file)).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('encrypted with AES-GCM'),
  });
  expect(cairn('ckpt', 'ls', file, '--dec_key', key(24))).toMatchObject({ code: 0 });
  expect(cairn('ckpt', 'ls', file, '--dec_key', key(16))).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('key'),
  });
  expect(cairn('ckpt', 'ls', file, '--dec_key', 'short')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('this key has 5'),
  });
  const sm4 = cairn('ckpt', 'ls', golden('ckpt/enc_sm4_cbc_128.ckpt'), '--dec_mode', 'SM4-CBC', '--dec_key', key(16));
  expect(sm4).toMatchObject({ code: 0, stdout: expect.stringContaining('net.w') });
  expect(cairn('ckpt', 'ls', file, '--dec_mode', 'DES')).toMatchObject({ code: 2 });
  expect(cairn('ckpt', 'ls', golden('ckpt/append.ckpt'), '--dec_key', key(16))).toMatchObject({ code: 0 });
});
