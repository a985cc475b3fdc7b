import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { timeOf } from './measure.ts';
import type { Finding } from './measure.ts';
import { writeEightRanks } from './transform-data.ts';
import { transformPlanning } from './transform-planning.ts';
import { watchCairn } from './watch-cairn.ts';

const ROUNDS = 5;
/** 64 tensors of 32 MiB. */
const TENSORS = 64;
const BYTES = TENSORS * 32 * 2 ** 20;
/** More than the copies take. */
const TOUCHED_GIB = 4;
/** 20 GB of tensors. */
const MANY_TENSORS = 600;
const FLAGS = ['--src_checkpoint=src', '--src_strategy=strategy_8.ckpt', '--dst_strategy=strategy_4.ckpt'];

/** Transforming a checkpoint beside copying it, in the same run; memory at any size; planning at the size of 72B. */
export async function transformSpeed(): Promise<readonly Finding[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
  try {
    const speed = await besideCp(folder);
    fs.rmSync(path.join(folder, 'src'), { recursive: true });
    return [...speed, await memoryOfMany(folder), await transformPlanning(folder)];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function besideCp(folder: string): Promise<readonly Finding[]> {
  const content = new Uint8Array(4 * 2 ** 20);
  for (let i = 0; i < content.length; i++) content[i] = (Math.imul(i, 2_654_435_761) >>> 13) & 255;
  writeEightRanks(folder, TENSORS, content);
  spawnSync('sync');
  // Of each the least: whatever else runs on the machine only adds to it.
  const best = { cached: Infinity, cp: Infinity, medium: Infinity, one: Infinity, two: Infinity };
  let peakBytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    touchMemory();
    const { cachedMs, ms } = await copy(folder);
    best.cached = Math.min(best.cached, cachedMs);
    best.cp = Math.min(best.cp, ms);
    best.medium = Math.min(best.medium, await mediumAlone(folder));
    for (const [jobs, name] of [
      [1, 'one'],
      [2, 'two'],
    ] as const) {
      touchMemory();
      const { ms, peakBytes: peak } = await apply(folder, [...FLAGS, `--jobs=${jobs}`]);
      best[name] = Math.min(best[name], ms);
      peakBytes = Math.max(peakBytes, peak);
    }
  }
  const rate = (ms: number): string => `${(BYTES / ms / 1e6).toFixed(2)} GB/s`;
  const beside = (ms: number): string => `${(best.cp / ms).toFixed(2)} × cp and sync (${rate(ms)} of ${rate(best.cp)})`;
  const told = `${(best.cached / best.one).toFixed(2)} × cp (${rate(best.cached)})`;
  return [
    finding(
      'transform 2 GiB, 8 ranks to 4, with digests, onto the medium: one job',
      beside(best.one),
      'at least 1.0 × cp and sync',
      best.cp >= best.one,
    ),
    finding('… two jobs', beside(best.two), 'at least 1.3 × cp and sync', best.cp >= 1.3 * best.two),
    { what: '… one job beside cp that leaves all in the page cache', value: told, bound: null, holds: true },
    {
      what: '… one job beside the medium, which is given as many bytes without any being read',
      value: `${(best.medium / best.one).toFixed(2)} × (${rate(best.medium)})`,
      bound: null,
      holds: true,
    },
    finding('… peak memory', `${(peakBytes / 1e6).toFixed(0)} MB`, 'under 150 MB', peakBytes < 150e6),
  ];
}

/**
 * Has memory in the machine that whoever comes next can take: a virtual machine gives back what is not used, and gets it
 * anew at 0.3 to 1.5 GB/s. A copy through the page cache takes four times as long then.
 */
function touchMemory(): void {
  const touch = `for (let i = 0; i < ${TOUCHED_GIB}; i++) globalThis['held' + i] = Buffer.alloc(2 ** 30, 1)`;
  spawnSync(process.execPath, ['-e', touch]);
}

/** Copies the source: until `cp` ends, and until the copy is on the medium, as everything is that apply has written. */
async function copy(cwd: string): Promise<{ readonly cachedMs: number; readonly ms: number }> {
  const cachedMs = await timeOf(async () => spawnSync('cp', ['-r', 'src', 'cp'], { cwd }));
  const syncMs = await timeOf(async () => spawnSync('sync', ['-f', 'cp'], { cwd }));
  fs.rmSync(path.join(cwd, 'cp'), { recursive: true });
  return { cachedMs, ms: cachedMs + syncMs };
}

/** How long the medium takes for as many bytes, past the page cache and in large pieces. */
async function mediumAlone(cwd: string): Promise<number> {
  const blocks = ['bs=2M', `count=${BYTES / 2 ** 21}`];
  const ms = await timeOf(async () =>
    spawnSync('dd', ['if=/dev/zero', 'of=medium', ...blocks, 'oflag=direct', 'conv=fsync'], { cwd }),
  );
  fs.rmSync(path.join(cwd, 'medium'));
  return ms;
}

/** One rank of four out of 20 GB: nothing of the size of the checkpoint is held. */
async function memoryOfMany(folder: string): Promise<Finding> {
  writeEightRanks(folder, MANY_TENSORS, null);
  const { peakBytes: peak } = await apply(folder, [
    ...FLAGS,
    '--rank_id=0',
    '--world_size=4',
    '--transform_process_num=4',
  ]);
  const bytes = MANY_TENSORS * 32 * 2 ** 20;
  const what = `transform out of ${(bytes / 1e9).toFixed(0)} GB: peak memory`;
  return finding(what, `${(peak / 1e6).toFixed(0)} MB`, 'under 150 MB', peak < 150e6);
}

/** Runs `cairn transform apply` into a folder that is removed afterwards. */
async function apply(cwd: string, flags: readonly string[]): ReturnType<typeof watchCairn> {
  const watched = await watchCairn(['transform', 'apply', '--quiet', ...flags, '--dst_checkpoint=dst'], cwd);
  fs.rmSync(path.join(cwd, 'dst'), { recursive: true });
  return watched;
}

function finding(what: string, value: string, bound: string, holds: boolean): Finding {
  return { what, value, bound, holds };
}
