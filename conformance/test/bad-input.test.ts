import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from '@cairn/bytes';
import { crcTrailer } from '@cairn/ckpt-format';
import { describe, expect, onTestFinished, test } from 'vitest';
import { documentFolder } from './document-run.ts';
import { cairn, CAIRN, GOLDEN, stepsOf, train, workFolder } from './run-cairn.ts';

const FLAGS = [
  '--config',
  'run.yaml',
  '--runner_config.epochs',
  '2',
  '--callbacks.[CheckpointMonitor].save_checkpoint_steps',
  '6',
];
const RANKS = 'output/checkpoint/rank_0';
const NEWEST = 'llama_7b_rank_0-10_2.ckpt';
const RESUME = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'True'];

/** A folder in which 20 steps have been trained; saves at 6, 12, 18 and 20. */
async function trained(): Promise<string> {
  const folder = await documentFolder();
  const { exitCode, stderr } = await train(FLAGS, folder);
  expect(exitCode, stderr).toBe(0);
  return folder;
}

/** Changes a file of a rank folder, which is read-only. */
function change(file: string, damage: (bytes: Buffer) => Uint8Array): void {
  const bytes = fs.readFileSync(file);
  fs.rmSync(file);
  fs.writeFileSync(file, damage(bytes));
}

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at]! ^= 0x10;
  return bytes;
}

describe('a damaged checkpoint', () => {
  /** Each damage to the newest checkpoint, and what the message must say. */
  const damages: readonly (readonly [string, (file: string) => void, RegExp])[] = [
    [
      'truncated',
      (file) => change(file, (bytes) => bytes.subarray(0, bytes.length >> 1)),
      /10_2\.ckpt: .*(ends|cut|truncated|bytes)/,
    ],
    ['empty', (file) => change(file, () => new Uint8Array(0)), /10_2\.ckpt: .*0 bytes/],
    [
      'flipped, with digests beside it',
      (file) => change(file, (bytes) => flipped(bytes, bytes.length >> 1)),
      /10_2\.ckpt: \S+ does not fit the digest/,
    ],
    [
      'flipped, with a CRC',
      (file) => {
        fs.rmSync(`${file}.cairn.json`);
        change(file, (bytes) => flipped(Buffer.concat([bytes, crcTrailer(crc32(bytes))]), bytes.length >> 1));
      },
      /10_2\.ckpt: its CRC does not fit/,
    ],
  ];

  test.each(damages)('%s: named it is exit 4, among others the one before is taken', async (_, damage, message) => {
    const folder = await trained();
    damage(path.join(folder, RANKS, NEWEST));
    const kept = fs.readdirSync(path.join(folder, RANKS));
    const more = [...FLAGS, '--runner_config.epochs', '3'];
    for (const load of [`./${RANKS}/${NEWEST}`, './output/checkpoint']) {
      const named = await train([...more, '--load_checkpoint', load, '--resume_training', NEWEST], folder);
      expect([named.exitCode, named.stderr]).toEqual([4, expect.stringMatching(message)]);
    }
    const fallback = await train([...more, ...RESUME], folder);
    expect(fallback.exitCode, fallback.stderr).toBe(0);
    expect(stepsOf(fallback.events)[0]?.step).toBe(19);
    const decided = fallback.events.find((event) => event.type === 'resume-decided');
    expect(decided?.reasons[0]).toMatchObject({ file: NEWEST, verdict: 'rejected' });
    for (const name of kept) expect(fs.existsSync(path.join(folder, RANKS, name)), name).toBe(true);
  });
});

describe('a checkpoint of something else', () => {
  const other = ['--model.model_config.hidden_size', '32', '--runner_config.epochs', '3'];

  test('of another model, on resume: exit 4 with the list', async () => {
    const folder = await trained();
    const { exitCode, stderr } = await train(
      [...FLAGS, ...other, '--load_checkpoint', `./${RANKS}/${NEWEST}`, '--resume_training', 'True'],
      folder,
    );
    expect([exitCode, stderr]).toEqual([
      4,
      expect.stringMatching(/tok_embeddings\.embedding_weight has shape \[259,64\].*\[259,32\]/),
    ]);
  });

  test('of another model, as first weights: exit 4 too', async () => {
    const folder = await trained();
    const { exitCode, stderr } = await train([...FLAGS, ...other, '--load_checkpoint', `./${RANKS}/${NEWEST}`], folder);
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('is not a checkpoint of this model')]);
  });

  test('weights of Hugging Face, of which the head alone has a known name: exit 4', async () => {
    const load = ['--load_checkpoint', path.join(GOLDEN, 'hf/qwen2/model.safetensors')];
    const { exitCode, stderr } = await train([...FLAGS, ...load], await documentFolder());
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('is a name of Hugging Face')]);
  });

  test('weights only, on resume: exit 2, with the way out', async () => {
    const folder = await trained();
    for (const load of ['./output/checkpoint_network', `./output/checkpoint_network/rank_0/${NEWEST}`]) {
      const { exitCode, stderr } = await train(
        [...FLAGS, '--load_checkpoint', load, '--resume_training', 'True'],
        folder,
      );
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('holds weights only')]);
    }
  });

  test('weights only, as first weights: step 1 with their loss', async () => {
    const folder = await trained();
    const { loss: untrained = 0 } = stepsOf((await train(FLAGS, await documentFolder())).events)[0] ?? {};
    const load = ['--load_checkpoint', `./output/checkpoint_network/rank_0/${NEWEST}`];
    const { exitCode, stderr, events } = await train([...FLAGS, ...load], folder);
    expect(exitCode, stderr).toBe(0);
    const [first] = stepsOf(events);
    expect(first?.step).toBe(1);
    expect(first?.loss).toBeLessThan(untrained - 0.5);
  });
});

describe('nothing to resume from is exit 3', () => {
  test.each([
    [
      'a path that is not there',
      ['--load_checkpoint', './outptu/checkpoint'],
      /does not exist; the nearest that exists is /,
    ],
    ['an empty folder', ['--load_checkpoint', './empty'], /no rank folder holds a checkpoint/],
    ['no path', [], /resume_training needs load_checkpoint/],
  ])('%s', async (_, load, message) => {
    const folder = await documentFolder();
    fs.mkdirSync(path.join(folder, 'empty'));
    const { exitCode, stderr } = await train([...FLAGS, ...load, '--resume_training', 'True'], folder);
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(message)]);
  });
});

describe('a configuration that cannot be run is exit 2, with its line', () => {
  test.each([
    [
      'an unknown optimizer',
      'type: FP32StateAdamWeightDecay',
      'type: Adamant',
      /run\.yaml:\d+:\d+: optimizer\.type: Adamant/,
    ],
    [
      'an unknown schedule',
      'type: CosineWithWarmUpLR',
      'type: CosinusLR',
      /run\.yaml:\d+:\d+: lr_schedule\.type: CosinusLR/,
    ],
    ['an unknown data set', 'type: MindDataset', 'type: MondDataset', /run\.yaml:\d+:\d+: .*MondDataset/],
    ['an unknown model', 'type: LlamaConfig', 'type: LamaConfig', /run\.yaml:\d+:\d+: .*LamaConfig/],
    ['a wrong type', 'epochs: 5', 'epochs: many', /run\.yaml:\d+:\d+: runner_config\.epochs must be .*many/],
    [
      'a missing data set',
      "'./data'",
      "'./dota'",
      /run\.yaml:\d+:\d+: .*dota does not exist; the nearest that exists is /,
    ],
    ['heads that do not divide', 'num_heads: 4', 'num_heads: 5', /run\.yaml:\d+:\d+: .*num_heads/],
    ['no YAML', 'seed: 0', 'seed: [', /run\.yaml:\d+:\d+/],
  ])('%s', async (_, before, after, message) => {
    const folder = await documentFolder();
    const file = path.join(folder, 'run.yaml');
    const text = fs.readFileSync(file, 'utf8');
    expect(text).toContain(before);
    fs.writeFileSync(file, text.replace(before, after));
    const { exitCode, stderr } = await train(['--config', 'run.yaml'], folder);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test.each([
    [['--config', 'nun.yaml'], /nun\.yaml does not exist/],
    [['--resume_training', 'True'], /--config FILE is missing/],
    [['--config', 'run.yaml', '--seed', 'x'], /seed/],
    [['--config', 'run.yaml', '--runer_config.epochs', '2'], /runer_config/],
  ])('flags %j', async (flags, message) => {
    const { exitCode, stderr } = await train(flags, await documentFolder());
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('a damaged MindRecord file is exit 4', () => {
  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, 20_000)],
    ['overwritten', (bytes: Buffer) => bytes.fill(0xff, 16, 200)],
    ['empty', () => new Uint8Array(0)],
  ])('%s', async (_, damage) => {
    const folder = await documentFolder();
    change(path.join(folder, 'data/train.mindrecord'), damage);
    const { exitCode, stderr } = await train(FLAGS, folder);
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('train.mindrecord')]);
  });
});

/** A tiny disk of its own, or null where mounting is not allowed. */
function tinyDisk(megabytes: number): string | null {
  const disk = workFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]));
  return disk;
}

describe('a disk that takes no more is exit 6, and what was saved stays', () => {
  test('a full disk', async () => {
    const disk = tinyDisk(4);
    if (disk === null) {
      process.stderr.write(
        'a full disk cannot be made here: mount is not permitted; the limit on file sizes stands in\n',
      );
      return;
    }
    const folder = await documentFolder();
    fs.cpSync(folder, disk, { recursive: true });
    const { exitCode, stderr, events } = await train([...FLAGS, '--runner_config.epochs', '5'], disk);
    expect([exitCode, stderr]).toEqual([6, expect.stringContaining('the disk is full')]);
    const saves = events.filter((event) => event.type === 'checkpoint-saved');
    expect(saves.length).toBeGreaterThan(0);
    const verified = await cairn(['resume', 'plan', '--load_checkpoint', './output/checkpoint', '--json'], disk);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, step: saves.at(-1)?.step });
  });

  test('a file that may not grow further', async () => {
    const folder = await documentFolder();
    const limited = `trap '' XFSZ; ulimit -f 400; exec "${process.execPath}" "${CAIRN}" run --json --quiet ${FLAGS.map((flag) => `'${flag}'`).join(' ')}`;
    let failed: { status?: number | null; stderr?: string } = {};
    try {
      execFileSync('bash', ['-c', limited], { cwd: folder, stdio: 'pipe', encoding: 'utf8' });
    } catch (error) {
      failed = error as typeof failed;
    }
    expect([failed.status, failed.stderr]).toEqual([6, expect.stringMatching(/\.ckpt.*(limit|ulimit)/)]);
    expect(fs.readdirSync(path.join(folder, RANKS))).toEqual([]);
  });
});

describe('files of the real MindSpore', () => {
  test.each([
    ['crc_bad.ckpt', 4],
    ['cut_inside.ckpt', 4],
    ['garbage.ckpt', 4],
    ['crc_good.ckpt', 4],
  ])('%s as a checkpoint to resume: exit %i, never a crash', async (name, code) => {
    const folder = await documentFolder();
    fs.copyFileSync(path.join(GOLDEN, 'ckpt', name), path.join(folder, name));
    const { exitCode, stderr } = await train(
      [...FLAGS, '--load_checkpoint', `./${name}`, '--resume_training', 'True'],
      folder,
    );
    expect([exitCode, stderr]).toEqual([code, expect.stringContaining(name)]);
  });
});
