import fs from 'node:fs';
import path from 'node:path';
import { writeCkpt } from '@cairn/ckpt-format';
import { describe, expect, test } from 'vitest';
import { cairn, GOLDEN, workFolder } from './run-cairn.ts';

/** A source of four ranks with its strategy, and one of a strategy for two. */
const CASE = path.join(GOLDEN, 'transform/case_0003');
const FROM = `--src_strategy=${path.join(CASE, 'src_strategy.ckpt')}`;
const TO = `--dst_strategy=${path.join(CASE, 'dst_strategy.ckpt')}`;

async function transform(folder: string, ...words: readonly string[]): Promise<{ code: number | null; said: string }> {
  const { exitCode, stderr, stdout } = await cairn(['transform', ...words], folder);
  return { code: exitCode, said: stderr + stdout };
}

/** The source's rank folders, in a folder of their own. */
function copyOfSource(): { folder: string; source: string } {
  const folder = workFolder();
  fs.cpSync(path.join(CASE, 'src'), path.join(folder, 'src'), { recursive: true });
  return { folder, source: '--src_checkpoint=./src' };
}

async function writeModel(file: string, step: number): Promise<void> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const chunks: Uint8Array[] = [];
  const content = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  const count = new Uint8Array(BigInt64Array.of(BigInt(step)).buffer);
  await writeCkpt({ write: (_, bytes) => void chunks.push(bytes.slice()) }, [
    { kind: 'tensor', name: 'w', dtype: 'Float32', shape: [2, 2], content },
    { kind: 'tensor', name: 'step_num', dtype: 'Int64', shape: [], content: count },
  ]);
  fs.writeFileSync(file, Buffer.concat(chunks));
}

describe('weight transform cases of upstream, rulings applied', () => {
  test('T-02: a strategy is the file that is given; None is none', async () => {
    const { folder, source } = copyOfSource();
    const whole = ['--dst_strategy=None', '--dst_checkpoint=./whole'];
    expect(await transform(folder, 'apply', source, FROM, ...whole)).toMatchObject({ code: 0 });
    const cut = ['--src_checkpoint=./whole', '--src_strategy=None', TO, '--dst_checkpoint=./cut'];
    expect(await transform(folder, 'apply', ...cut)).toMatchObject({ code: 0 });
    expect(fs.readdirSync(path.join(folder, 'cut')).filter((name) => name.startsWith('rank_'))).toHaveLength(2);
    const none = await transform(folder, 'plan', source, '--src_strategy=None', '--dst_strategy=None');
    expect([none.code, none.said]).toEqual([2, expect.stringContaining('nothing says what to cut')]);
  });

  test('T-03, T-04: a folder without rank folders and without a checkpoint is refused', async () => {
    const folder = workFolder();
    fs.mkdirSync(path.join(folder, 'src/strategy'), { recursive: true });
    const { code, said } = await transform(folder, 'apply', '--src_checkpoint=./src', TO);
    expect([code, said]).toEqual([2, expect.stringContaining('holds neither rank_0 nor a checkpoint')]);
  });

  test('T-05: what a folder may hold: rank folders win, two files are two models', async () => {
    const { folder } = copyOfSource();
    await writeModel(path.join(folder, 'src/loose.ckpt'), 1);
    const beside = await transform(folder, 'apply', '--src_checkpoint=./src', '--dst_checkpoint=./a', FROM);
    expect([beside.code, beside.said]).toEqual([0, expect.stringContaining('loose.ckpt lies beside the rank folders')]);
    for (const name of ['base', 'lora']) await writeModel(path.join(folder, 'two', `${name}.ckpt`), 1);
    const two = ['--src_checkpoint=./two', '--dst_checkpoint=./b', '--output_format=safetensors'];
    expect(await transform(folder, 'apply', ...two)).toMatchObject({ code: 0 });
    for (const name of ['base', 'lora']) {
      expect(fs.existsSync(path.join(folder, 'b', name, 'rank_0/checkpoint_0.safetensors'))).toBe(true);
    }
  });

  test('T-06: without any strategy there is nothing to cut', async () => {
    const { folder, source } = copyOfSource();
    const { code, said } = await transform(folder, 'apply', source, '--dst_checkpoint=./dst');
    expect([code, said]).toEqual([2, expect.stringContaining('neither --src_strategy nor --dst_strategy')]);
    expect(fs.existsSync(path.join(folder, 'dst'))).toBe(false);
  });

  test('T-07: a failure leaves its reason in a mark; success leaves the other mark', async () => {
    const { folder, source } = copyOfSource();
    const apply = ['apply', source, '--dst_checkpoint=./dst', FROM, TO];
    const file = path.join(folder, 'src/rank_2/src2.ckpt');
    const whole = fs.readFileSync(file);
    fs.writeFileSync(file, whole.subarray(0, whole.length - 5));
    expect(await transform(folder, ...apply)).toMatchObject({ code: 4 });
    const mark = path.join(folder, 'dst/transform_failed_rank_0.txt');
    expect(fs.readFileSync(mark, 'utf8')).toContain('src2.ckpt');
    fs.writeFileSync(file, whole);
    expect(await transform(folder, ...apply)).toMatchObject({ code: 0 });
    expect(fs.existsSync(mark)).toBe(false);
    expect(fs.existsSync(path.join(folder, 'dst/transform_succeed_rank_0.txt'))).toBe(true);
  });

  test('T-08: rank by rank the same files come out', async () => {
    const { folder, source } = copyOfSource();
    await transform(folder, 'apply', source, '--dst_checkpoint=./all', FROM, TO);
    const byRank = ['--world_size=2', '--transform_process_num=2', '--transform_by_rank=True'];
    for (const rank of [0, 1]) {
      const one = ['--dst_checkpoint=./each', FROM, TO, ...byRank, `--rank_id=${rank}`];
      expect(await transform(folder, 'apply', source, ...one)).toMatchObject({ code: 0 });
      const [a, b] = ['all', 'each'].map((name) =>
        fs.readFileSync(`${folder}/${name}/rank_${rank}/checkpoint_${rank}.ckpt`),
      );
      expect(a!.equals(b!)).toBe(true);
    }
  });

  test('T-14: the first rank folder that is missing is named', async () => {
    const { folder, source } = copyOfSource();
    fs.rmSync(path.join(folder, 'src/rank_2'), { recursive: true });
    const { code, said } = await transform(folder, 'apply', source, '--dst_checkpoint=./dst', FROM, TO);
    expect([code, said]).toEqual([4, expect.stringContaining('src/rank_2 is missing, rank_3 is there')]);
  });

  test.each(['3', '0', '16'])('T-15: %s processes for two ranks are refused', async (processes) => {
    const { folder, source } = copyOfSource();
    const flags = ['--dst_checkpoint=./dst', FROM, TO, `--transform_process_num=${processes}`];
    expect(await transform(folder, 'apply', source, ...flags)).toMatchObject({ code: 2 });
    const words = ['./src', FROM.split('=')[1]!, './dst', TO.split('=')[1]!, '2', processes];
    expect(await transform(folder, 'apply', ...words)).toMatchObject({ code: 2 });
  });

  test('T-16: four ranks without their strategy are refused', async () => {
    const { folder, source } = copyOfSource();
    const { code, said } = await transform(folder, 'apply', source, '--dst_checkpoint=./dst', TO);
    expect([code, said]).toEqual([2, expect.stringContaining('give --src_strategy')]);
  });

  test('S-01, S-02: .ckpt and .safetensors are read, nothing else; what is not there is named; a slash may follow', async () => {
    const { folder } = copyOfSource();
    fs.writeFileSync(path.join(folder, 'model.bin'), '');
    for (const [given, words] of [
      ['./model.bin', 'is a pickle'],
      ['./run.yaml', 'does not exist'],
      ['./scr', 'the nearest that exists is'],
    ]) {
      const { code, said } = await transform(folder, 'apply', `--src_checkpoint=${given}`, TO);
      expect([code, said]).toEqual([2, expect.stringContaining(words!)]);
    }
    expect(await transform(folder, 'plan', '--src_checkpoint=./src/', FROM)).toMatchObject({ code: 0 });
  });
});

test('S-12: with the file of one rank those of all are taken, where the strategy says that it is cut', async () => {
  const { folder, source } = copyOfSource();
  const all = await transform(folder, 'apply', source, '--dst_checkpoint=./all', FROM);
  const file = '--src_checkpoint=./src/rank_1/src1.ckpt';
  const one = await transform(folder, 'apply', file, '--dst_checkpoint=./one', FROM);
  expect([all.code, one.code, one.said]).toEqual([0, 0, expect.stringContaining('those of all 4 ranks are taken')]);
  const [a, b] = ['all', 'one'].map((name) => fs.readFileSync(`${folder}/${name}/rank_0/checkpoint_0.ckpt`));
  expect(a!.equals(b!)).toBe(true);
  fs.renameSync(path.join(folder, 'src/rank_2/src2.ckpt'), path.join(folder, 'src/rank_2/other.ckpt'));
  const lost = await transform(folder, 'apply', file, '--dst_checkpoint=./lost', FROM);
  expect([lost.code, lost.said]).toEqual([4, expect.stringMatching(/part of rank 1: .*rank_2\/src2.ckpt is missing/)]);
});

describe('several files in a rank folder (S-04, ruling 25)', () => {
  test('the last by name is taken, and said to be when another is newer; --step takes that one', async () => {
    const folder = workFolder();
    await writeModel(path.join(folder, 'src/rank_0/x_rank_0-9_2.ckpt'), 18);
    await writeModel(path.join(folder, 'src/rank_0/x_rank_0-10_2.ckpt'), 20);
    const apply = ['apply', '--src_checkpoint=./src', '--output_format=safetensors'];
    const last = await transform(folder, ...apply, '--dst_checkpoint=./a');
    expect(last.said).toContain('x_rank_0-10_2.ckpt is newer (step 20): --step 20 takes that');
    expect(await transform(folder, ...apply, '--dst_checkpoint=./b', '--step=20')).toMatchObject({ code: 0 });
    const step = async (name: string): Promise<unknown> => {
      const file = `./${name}/rank_0/checkpoint_0.safetensors`;
      const { stdout } = await cairn(['ckpt', 'cat', file, '--tensor', 'step_num', '--json'], folder);
      return JSON.parse(stdout);
    };
    expect([await step('a'), await step('b')]).toMatchObject([{ values: [18] }, { values: [20] }]);
    const none = await transform(folder, ...apply, '--dst_checkpoint=./c', '--step=7');
    expect([none.code, none.said]).toEqual([4, expect.stringContaining('its files are of 20, 18')]);
  });

  test('ranks at different steps are refused', async () => {
    const folder = workFolder();
    for (const rank of [0, 1, 2, 3]) await writeModel(path.join(folder, `src/rank_${rank}/x.ckpt`), rank < 3 ? 4 : 6);
    const { code, said } = await transform(folder, 'apply', '--src_checkpoint=./src', FROM, '--dst_checkpoint=./dst');
    expect([code, said]).toEqual([4, expect.stringContaining('rank 2: 4, rank 3: 6')]);
  });
});

test('a source strategy given with a complete checkpoint is ignored, and that is said (ruling 28)', async () => {
  const folder = workFolder();
  await writeModel(path.join(folder, 'src/rank_0/x.ckpt'), 4);
  const flags = ['--src_checkpoint=./src', FROM, '--dst_checkpoint=./dst', '--output_format=ckpt'];
  const { code, said } = await transform(folder, 'apply', ...flags);
  expect([code, said]).toEqual([
    0,
    expect.stringContaining('is a complete checkpoint: the source strategy is ignored'),
  ]);
});

test('a source that has changed since the plan was made is noticed', async () => {
  const { folder, source } = copyOfSource();
  const { stdout } = await cairn(['transform', 'plan', source, '--dst_checkpoint=./dst', FROM, TO, '--json'], folder);
  fs.writeFileSync(path.join(folder, 'plan.json'), stdout);
  expect(await transform(folder, 'apply', '--plan=plan.json')).toMatchObject({ code: 0 });
  const file = path.join(folder, 'src/rank_1/src1.ckpt');
  const { atime, mtime } = fs.statSync(file);
  const bytes = fs.readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  fs.writeFileSync(file, bytes);
  fs.utimesSync(file, atime, mtime);
  const { code, said } = await transform(folder, 'apply', '--plan=plan.json');
  expect([code, said]).toEqual([4, expect.stringContaining('changed since the plan was made')]);
});

test('verify names what is missing, damaged or of another transformation', async () => {
  const { folder, source } = copyOfSource();
  const flags = [source, '--dst_checkpoint=./dst', FROM, TO];
  expect(await transform(folder, 'apply', ...flags)).toMatchObject({ code: 0 });
  const file = path.join(folder, 'dst/rank_1/checkpoint_1.ckpt');
  const whole = fs.readFileSync(file);
  fs.rmSync(file);
  const missing = await transform(folder, 'verify', ...flags);
  expect([missing.code, missing.said]).toEqual([4, expect.stringContaining('dst/rank_1/checkpoint_1.ckpt: ')]);
  whole[whole.length - 30]! ^= 1;
  fs.writeFileSync(file, whole);
  expect(await transform(folder, 'verify', ...flags)).toMatchObject({ code: 4 });
  expect(await transform(folder, 'verify', './dst')).toMatchObject({ code: 4 });
  const complete = await transform(folder, 'plan', source, '--dst_checkpoint=./dst', FROM);
  expect(complete.said).toContain('rank_1/checkpoint_1.ckpt of another transformation');
});
