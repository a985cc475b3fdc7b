import fs from 'node:fs';
import path from 'node:path';
import { layoutCkpt } from '@cairn/ckpt-format';
import { writeStrategy } from '@cairn/strategy/files';
import { expect, test, vi } from 'vitest';
import { cairn, start, workFolder } from './run-cairn.ts';

const TENSORS = Array.from({ length: 96 }, (_, i) => `layers.${i}.weight`);

/** Two ranks of 384 MiB, tensors cut on axis 0 and on axis 1 by turns, their contents holes; and the strategy. */
function twoRanks(): string {
  const folder = workFolder();
  const layoutOf = (i: number) => ({
    deviceMatrix: [2],
    tensorMap: i % 2 === 0 ? [0, -1] : [-1, 0],
    optimizerShardSize: 0,
    optimizerShardStep: 0,
  });
  for (const rank of [0, 1]) {
    const tensors = TENSORS.map((name, i) => {
      const shape = i % 2 === 0 ? [1024, 1024] : [2048, 512];
      return { kind: 'tensor', name, dtype: 'Float32', shape } as const;
    });
    const layout = layoutCkpt(tensors);
    fs.mkdirSync(path.join(folder, `src/rank_${rank}`), { recursive: true });
    const file = fs.openSync(path.join(folder, `src/rank_${rank}/x.ckpt`), 'w');
    for (const { parts } of layout.entries) {
      for (const { header, headerOffset } of parts) fs.writeSync(file, header, 0, header.length, headerOffset);
    }
    fs.ftruncateSync(file, layout.bytes);
    fs.closeSync(file);
  }
  const layouts = TENSORS.map((name, i) => ({
    name,
    layout: layoutOf(i),
    shape: null,
    field: 0,
    splitShape: [],
    indicesOffset: [],
  }));
  const operators = [{ node: 'MatMul_0', stage: 0, inputs: [[1]] }];
  fs.writeFileSync(
    path.join(folder, 'strategy.ckpt'),
    writeStrategy({ currentStage: 1, operators, layouts }, 'protobuf'),
  );
  return folder;
}

/** Kills the command when a part of its file was proven. */
async function killedInside(args: readonly string[], folder: string): Promise<void> {
  const { child, ended } = start(args, folder);
  const journal = path.join(folder, 'dst/rank_0/.checkpoint_0.ckpt.transform-part.journal');
  const lines = (): number => (fs.existsSync(journal) ? fs.readFileSync(journal, 'utf8').split('\n').length : 0);
  const isLate = (): boolean => child.exitCode !== null;
  await vi.waitFor(() => expect(isLate() || lines() > 2).toBe(true), { timeout: 60_000, interval: 1 });
  child.kill('SIGKILL');
  await ended;
}

test('killed with SIGKILL, apply goes on where it was, and what comes out is proven', async () => {
  const folder = twoRanks();
  const flags = ['--src_checkpoint=src', '--src_strategy=strategy.ckpt', '--dst_checkpoint=dst'];
  const written = path.join(folder, 'dst/rank_0/checkpoint_0.ckpt');
  // Nobody says when this process is run again: it may come too late for the kill.
  do {
    fs.rmSync(path.join(folder, 'dst'), { recursive: true, force: true });
    await killedInside(['transform', 'apply', ...flags], folder);
  } while (fs.existsSync(written));

  const again = await cairn(['transform', 'apply', ...flags, '--json', '--quiet'], folder);
  expect(again.exitCode, again.stderr).toBe(0);
  const said = JSON.parse(again.stdout) as { keptBytes: number; writtenBytes: number };
  expect(said.keptBytes).toBeGreaterThan(0);
  expect(said.keptBytes + said.writtenBytes).toBe(fs.statSync(written).size);
  const verified = await cairn(['transform', 'verify', ...flags], folder);
  expect(verified.exitCode, verified.stderr).toBe(0);
});

test('two jobs write what one does, and a failure of either is told', async () => {
  const folder = twoRanks();
  const flags = ['--src_checkpoint=src', '--src_strategy=strategy.ckpt', '--dst_strategy=strategy.ckpt'];
  for (const jobs of [1, 2]) {
    const ended = await cairn(
      ['transform', 'apply', ...flags, `--dst_checkpoint=dst${jobs}`, `--jobs=${jobs}`],
      folder,
    );
    expect(ended.exitCode, ended.stderr).toBe(0);
  }
  for (const name of ['rank_0/checkpoint_0.ckpt', 'rank_1/checkpoint_1.ckpt', 'rank_1/checkpoint_1.ckpt.cairn.json']) {
    const [one, two] = [1, 2].map((jobs) => fs.readFileSync(path.join(folder, `dst${jobs}`, name)));
    expect(one!.equals(two!)).toBe(true);
  }
  fs.mkdirSync(path.join(folder, 'dst3/rank_1/checkpoint_1.ckpt'), { recursive: true });
  const failed = await cairn(['transform', 'apply', ...flags, '--dst_checkpoint=dst3', '--jobs=2'], folder);
  expect([failed.exitCode, failed.stderr]).toEqual([6, expect.stringContaining('dst3/rank_1/checkpoint_1.ckpt')]);
});
