import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Step } from '@cairn/events';
import { expect, test } from 'vitest';
import { documentFolder } from './document-run.ts';
import { eventsOf, start, stepsOf, train, workFolder } from './run-cairn.ts';

const FLAGS = ['--config', 'run.yaml', '--runner_config.epochs', '2'];
const EVERY_SINK = ['--callbacks.[CheckpointMonitor].save_checkpoint_steps', '2'];
const RESUME = ['--load_checkpoint', './output/checkpoint', '--resume_training', 'True'];

function bits(steps: readonly Step[]): unknown[] {
  return steps.map(({ step, loss, lossScale, globalNorm }) => [step, loss, lossScale, globalNorm]);
}

/** Runs until `lines` events were printed, and kills the process then. */
async function killedAfter(lines: number, args: readonly string[], folder: string): Promise<boolean> {
  const { child, ended } = start(['run', '--json', '--quiet', ...args], folder);
  let seen = 0;
  child.stdout?.on('data', (text: string) => {
    seen += text.split('\n').length - 1;
    if (seen >= lines) child.kill('SIGKILL');
  });
  return (await ended).signal === 'SIGKILL';
}

test('killed again and again, a run goes on each time, and its losses are those of one that never died', async () => {
  const folder = await documentFolder();
  const args = [...FLAGS, ...EVERY_SINK];
  const reference = bits(stepsOf((await train(args, await documentFolder())).events));
  const record = path.join(folder, 'output/events.ndjson');
  const saved = (): boolean =>
    eventsOf(fs.readFileSync(record, 'utf8')).some(({ type }) => type === 'checkpoint-saved');

  let kills = 0;
  for (
    let lines = 3;
    await killedAfter(lines, kills > 0 && saved() ? [...args, ...RESUME] : args, folder);
    lines += 2
  ) {
    kills += 1;
    // Every step of every life, as it was recorded before the kill.
    for (const step of bits(stepsOf(eventsOf(fs.readFileSync(record, 'utf8'))))) expect(reference).toContainEqual(step);
  }
  expect(kills).toBeGreaterThan(5);
  const steps = stepsOf(eventsOf(fs.readFileSync(record, 'utf8')));
  expect(bits(steps).at(-1)).toEqual(reference.at(-1));
});

test('whatever part of a save a crash leaves, the resume takes a whole checkpoint', async () => {
  const whole = await documentFolder();
  const args = [...FLAGS, '--callbacks.[CheckpointMonitor].save_checkpoint_steps', '10'];
  const reference = bits(stepsOf((await train(args, whole)).events));
  const names = ['llama_7b_rank_0-5_2.ckpt', 'llama_7b_rank_0-10_2.ckpt'] as const;
  const ranks = 'output/checkpoint/rank_0';
  const metaOfFirst = '{"last_epoch": 5, "last_step": 2, "last_ckpt_file": "llama_7b_rank_0-5_2.ckpt"}';
  const newest = fs.readFileSync(path.join(whole, ranks, names[1]));

  // The order of a commit is payload, side file, weights, meta.json; each crash leaves a beginning of it.
  const crashes: ((folder: string) => void)[] = [
    (folder) => fs.rmSync(path.join(folder, names[1])),
    (folder) => fs.rmSync(path.join(folder, `${names[1]}.cairn.json`)),
    () => {},
    (folder) => {
      // Not what Cairn leaves: a file system that lost the end of a file after a power cut.
      fs.rmSync(path.join(folder, names[1]));
      fs.writeFileSync(path.join(folder, names[1]), newest.subarray(0, newest.length - 1000));
    },
  ];
  for (const [i, crash] of crashes.entries()) {
    const folder = workFolder();
    fs.cpSync(whole, folder, { recursive: true });
    crash(path.join(folder, ranks));
    // In the last case meta.json already names the damaged file.
    if (i < 3) fs.writeFileSync(path.join(folder, ranks, 'meta.json'), metaOfFirst);
    const resumed = await train([...args, ...RESUME], folder);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(bits(stepsOf(resumed.events)), `crash ${i}`).toEqual(reference.slice(10));
  }
});

const STORAGE = new URL('../../packages/storage/dist/index.js', import.meta.url);

/** A process that dies between the first byte of a file and its name. */
function killedWhileWriting(file: string): void {
  const program = `import { localFolder } from ${JSON.stringify(STORAGE)};
    const draft = await localFolder(process.argv[1]).create(process.argv[2]);
    draft.write(0, new Uint8Array(4096));
    process.kill(process.pid, 'SIGKILL');`;
  const args = ['--input-type=module', '-e', program, path.dirname(file), path.basename(file)];
  expect(spawnSync(process.execPath, args).signal).toBe('SIGKILL');
}

test('files a killed save left unfinished are removed by the next run', async () => {
  const folder = await documentFolder();
  const args = [...FLAGS, ...EVERY_SINK];
  await killedAfter(12, args, folder);
  const ranks = path.join(folder, 'output/checkpoint/rank_0');
  killedWhileWriting(path.join(ranks, 'llama_7b_rank_0-30_2.ckpt'));
  expect(fs.readdirSync(ranks).filter((name) => name.startsWith('.'))).toHaveLength(1);
  const resumed = await train([...args, ...RESUME], folder);
  expect(resumed.exitCode, resumed.stderr).toBe(0);
  expect(fs.readdirSync(ranks).filter((name) => name.startsWith('.'))).toEqual([]);
});
