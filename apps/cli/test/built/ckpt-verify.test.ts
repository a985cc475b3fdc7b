import fs from 'node:fs';
import { encryptingSink } from '@cairn/ckpt-format/encryption';
import { writeCkpt } from '@cairn/ckpt-format';
import { describe, expect, test, vi } from 'vitest';
import { cairn, golden, objects, temporaryFolder } from './cairn.ts';
import { flipBit, floats, smallModel, writeFile, writeMeta, writeRun } from './checkpoint-files.ts';

vi.setConfig({ testTimeout: 60_000 });

describe('a whole file, and what that rests on', () => {
  test.each([
    [{}, 'structure only; no CRC, no side file'],
    [{ crc: true }, 'structure, CRC; no side file'],
    [{ side: true }, 'structure, digests of 3 of 3 tensors; no CRC'],
    [{ crc: true, side: true }, 'structure, CRC, digests of 3 of 3 tensors'],
  ])('%j', async (options, words) => {
    const root = temporaryFolder();
    for (const name of ['x.ckpt', 'x.safetensors']) {
      const file = await writeFile(`${root}/${name}`, smallModel(), options);
      expect(cairn('ckpt', 'verify', file)).toMatchObject({
        code: 0,
        stdout: `${file}: whole: ${words}\n`,
        stderr: '',
      });
    }
  });

  test('without its step a file may have been cut, and that is said', async () => {
    const file = await writeFile(`${temporaryFolder()}/x.ckpt`, smallModel().slice(0, 2));
    expect(cairn('ckpt', 'verify', file).stdout).toContain('no step_num: weights only, or cut off between two entries');
  });
});

describe('a damaged file', () => {
  test('is found wherever it was cut, when digests lie beside it', async () => {
    const root = temporaryFolder();
    const files: string[] = [];
    const whole = fs.readFileSync(await writeFile(`${root}/whole.ckpt`, smallModel(), { side: true }));
    for (let bytes = 0; bytes < whole.length; bytes++) {
      const file = `${root}/${bytes}.ckpt`;
      files.push(file);
      fs.writeFileSync(file, whole.subarray(0, bytes));
      fs.copyFileSync(`${root}/whole.ckpt.cairn.json`, `${file}.cairn.json`);
    }
    const finished = cairn('ckpt', 'verify', '--json', ...files);
    expect(finished.code).toBe(4);
    expect(objects(finished)).toEqual(files.map((file) => expect.objectContaining({ file, ok: false })));
  });

  test('a flipped bit is found by the digests: tensor and byte', async () => {
    const file = await writeFile(`${temporaryFolder()}/x.ckpt`, smallModel(), { side: true });
    const at = flipBit(file, floats('', [1, 2, 3]).content);
    const { code, lines } = cairn('ckpt', 'verify', file);
    expect(code).toBe(4);
    expect(lines).toEqual([
      `${file}: damaged`,
      `  net.w does not fit the digest beside the file: its contents are damaged (from byte ${at} on)`,
    ]);
    const [found] = objects(cairn('ckpt', 'verify', '--json', file));
    expect(found).toMatchObject({
      ok: false,
      structure: true,
      crc: 'absent',
      side: 'used',
      tensors: 3,
      digested: 2,
      step: 4,
      flaws: [{ tensor: 'net.w', byte: at }],
    });
  });

  test('a flipped bit is found by the CRC', async () => {
    const file = await writeFile(`${temporaryFolder()}/x.ckpt`, smallModel(), { crc: true });
    flipBit(file, floats('', [1, 2, 3]).content);
    expect(cairn('ckpt', 'verify', file)).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('CRC does not fit'),
    });
  });

  test.each([
    'crc_bad.ckpt',
    'crc_bad_trailer.ckpt',
    'crc_cut_trailer.ckpt',
    'crc_bad.safetensors',
    'cut_inside.ckpt',
    'zero.ckpt',
    'garbage.ckpt',
    'st_short.safetensors',
    'st_gap.safetensors',
    'short_content.ckpt',
    'required_missing.ckpt',
  ])('MindSpore’s %s', (name) => {
    expect(cairn('ckpt', 'verify', golden(`ckpt/${name}`))).toMatchObject({ code: 4, stderr: '' });
  });

  test('a side file that cannot be read proves nothing, and is told', async () => {
    const file = await writeFile(`${temporaryFolder()}/x.ckpt`, smallModel(), { side: true });
    fs.truncateSync(`${file}.cairn.json`, 20);
    const { code, lines } = cairn('ckpt', 'verify', file);
    expect([code, lines]).toEqual([
      4,
      [`${file}: whole: structure only; no CRC`, `${file}.cairn.json: wrong: it is not JSON`],
    ]);
  });
});

describe('a folder', () => {
  test('every checkpoint of every rank is checked', async () => {
    const root = temporaryFolder();
    await writeRun(root);
    const { code, lines } = cairn('ckpt', 'verify', root);
    expect(code).toBe(0);
    expect(lines).toHaveLength(4);
    expect(lines.every((line) => line.includes(': whole: structure, digests of 3 of 3 tensors'))).toBe(true);
  });

  test('what a save that was interrupted left is named, and is no damage', async () => {
    const root = temporaryFolder();
    await writeRun(root);
    await writeFile(`${root}/rank_0/x_rank_0-3_2.ckpt`, smallModel(6), { side: true });
    fs.writeFileSync(`${root}/rank_1/.x_rank_1-3_2.ckpt.4711-0.draft`, 'half');
    fs.writeFileSync(`${root}/rank_1/x_rank_1-3_2.tmp`, 'half');
    fs.writeFileSync(`${root}/rank_1/x_rank_1-3_2.ckpt.cairn.json`, '{}');
    const { code, lines } = cairn('ckpt', 'verify', root);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes(': note: '))).toEqual([
      `${root}/rank_0/x_rank_0-3_2.ckpt: note: newer than the save that meta.json calls complete`,
      `${root}/rank_1/.x_rank_1-3_2.ckpt.4711-0.draft: note: a draft of x_rank_1-3_2.ckpt that was not finished`,
      `${root}/rank_1/x_rank_1-3_2.ckpt.cairn.json: note: a side file without its checkpoint`,
      `${root}/rank_1/x_rank_1-3_2.tmp: note: what MindSpore had written of a file when it ended`,
    ]);
  });

  test('a meta.json that fits nothing, and ranks that do not agree, are exit code 4', async () => {
    const root = temporaryFolder();
    await writeRun(root);
    writeMeta(root, 1, 9);
    const finished = cairn('ckpt', 'verify', '--json', root);
    expect(finished.code).toBe(4);
    expect(objects(finished)).toEqual(
      expect.arrayContaining([
        { file: `${root}/rank_1/meta.json`, ok: false, problem: 'it names x_rank_1-9_2.ckpt, which is not there' },
        { file: root, ok: false, problem: expect.stringContaining('different saves: rank 0: 2_2, rank 1: 9_2') },
      ]),
    );
  });

  test('without checkpoints nothing is proven: exit code 3', () => {
    const root = temporaryFolder();
    expect(cairn('ckpt', 'verify', root)).toMatchObject({ code: 3, stderr: expect.stringContaining('no checkpoint') });
    fs.mkdirSync(`${root}/rank_0`);
    writeMeta(root, 0, 2);
    expect(cairn('ckpt', 'verify', root)).toMatchObject({ code: 4, stdout: expect.stringContaining('not there') });
  });

  test('encrypted and plain files lie side by side', async () => {
    const root = temporaryFolder();
    await writeFile(`${root}/rank_0/x_rank_0-1_2.ckpt`, smallModel(), { side: true });
    const encrypted = `${root}/rank_0/x_rank_0-2_2.ckpt`;
    const descriptor = fs.openSync(encrypted, 'w');
    const write = (offset: number, bytes: Uint8Array): void =>
      void fs.writeSync(descriptor, bytes, 0, bytes.length, offset);
    const key = new TextEncoder().encode('0123456789ABCDEF');
    const sink = encryptingSink({ write }, { key, mode: 'AES-CBC', randomIv: (bytes) => new Uint8Array(bytes) });
    await writeCkpt(sink, smallModel(6));
    await sink.finish();
    fs.closeSync(descriptor);
    const flags = ['--dec_key', '0123456789ABCDEF', '--dec_mode', 'AES-CBC'];
    expect(cairn('ckpt', 'verify', root, ...flags)).toMatchObject({ code: 0 });
    expect(cairn('ckpt', 'verify', root)).toMatchObject({ code: 4, stdout: expect.stringContaining('pass the key') });
  });
});
