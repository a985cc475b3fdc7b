/** Saves of the checkpoint thread, which runs what was built. */
import fs from 'node:fs';
import path from 'node:path';
import { tensorDigest } from '@cairn/bytes';
import type { EventBody } from '@cairn/events';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../src/failure-of.ts';
import type { SavedEntry } from '../../src/rank/checkpoint-entries.ts';
import { openCheckpoint, readSide } from '../../src/rank/checkpoint-file.ts';
import { waitingWriter } from '../../src/rank/checkpoint-writer.ts';
import type { SaveOrder } from '../../src/rank/checkpoint-writer.ts';
import { backgroundWriter } from '../../src/workers/background-writer.ts';
import { dataFolder, ranksOf, stepsOf, trained } from '../spread-run.ts';
import type { Spread } from '../spread-run.ts';
import { workFolder } from '../tiny-run.ts';

/** Every file of a folder by name. */
function filesOf(root: string): ReadonlyMap<string, Buffer> {
  const names = fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).toSorted();
  const files = names.filter((name) => fs.statSync(path.join(root, name)).isFile());
  return new Map(files.map((name) => [name, fs.readFileSync(path.join(root, name))]));
}

/** @returns how many there are */
function expectSameFiles(found: string, expected: string): number {
  const [own, others] = [filesOf(found), filesOf(expected)];
  expect([...own.keys()]).toEqual([...others.keys()]);
  for (const [name, bytes] of own) expect(bytes.equals(others.get(name) ?? Buffer.alloc(0)), name).toBe(true);
  return own.size;
}

describe('a run that saves in the background', () => {
  test.each<[string, Spread]>([
    ['one rank', {}],
    ['dp2, optimizer shards', { dp: 2, rows: 4, shards: -1 }],
    ['mp2, safetensors', { mp: 2, monitor: 'checkpoint_format: safetensors' }],
    ['pp2, pruned', { pp: 2, rows: 4, micro: 2, monitor: 'save_checkpoint_steps: 2, keep_checkpoint_max: 2' }],
  ])('%s: has the losses and the very files of one that waits', async (_, spread) => {
    const [waiting, free] = [await dataFolder(), await dataFolder()];
    const expected = await trained(spread, waiting);
    const monitor = spread.monitor === undefined ? '' : `, ${spread.monitor}`;
    const found = await trained({ ...spread, monitor: `async_save: True${monitor}` }, free);
    expect(found.map((events) => stepsOf(events).map(({ loss }) => loss))).toEqual(
      expected.map((events) => stepsOf(events).map(({ loss }) => loss)),
    );
    const saves = (all: typeof found, type: EventBody['type']) =>
      all.map((events) =>
        events.filter((event) => event.type === type).map((event) => 'path' in event && path.basename(event.path)),
      );
    for (const type of ['checkpoint-saved', 'checkpoint-pruned'] as const) {
      expect(saves(found, type)).toEqual(saves(expected, type));
    }
    const files = expectSameFiles(path.join(free, 'output'), path.join(waiting, 'output'));
    expect(files).toBeGreaterThan(4 * ranksOf(spread));
  });

  test('holds the copy it writes from in its memory account', async () => {
    const bytes = async (monitor: string): Promise<readonly number[]> => {
      const [events] = await trained({ monitor }, await dataFolder());
      return events?.flatMap((event) => (event.type === 'compile-finished' ? [event.deviceBytes] : [])) ?? [];
    };
    const [waiting = NaN] = await bytes('async_save: False');
    const [free = NaN] = await bytes("async_save: 'process'");
    const parameters = 4 * 16 * 16 * 4 + 4 * 3 * 16 * 24 + 2 * 16 * 16 + 9 * 16;
    // Weights, two states, and the numbers of the run.
    expect(free - waiting).toBe(12 * parameters + 4 * 3 + 4 * 2 + 8 * 3);
  });

  test('ends with exit code 6, and keeps what it had, when a save cannot be written', async () => {
    const cwd = await dataFolder();
    fs.mkdirSync(path.join(cwd, 'output'));
    fs.writeFileSync(path.join(cwd, 'output/checkpoint_network'), 'in the way');
    const failure = await trained({ monitor: 'async_save: True' }, cwd).catch(failureOf);
    expect(failure).toMatchObject({
      exitCode: 6,
      code: 'io',
      place: { file: expect.stringContaining('checkpoint_network') },
    });
    expect(fs.readdirSync(path.join(cwd, 'output/checkpoint/rank_0'))).toEqual([]);
  });
});

describe('the background writer', () => {
  const values = new Float32Array(300_000).map((_, i) => Math.sin(i));
  const entry = (): SavedEntry => ({
    name: 'w',
    dtype: 'Float32',
    shape: [300, 1000],
    sliceOf: null,
    content: () => new Uint8Array(values.buffer),
  });
  const order = (root: string, step: number, seal: SaveOrder['save']['seal'] = null): SaveOrder => ({
    root,
    prove: null,
    save: {
      name: { prefix: 'x', rank: 0, run: 0, epoch: step, step: 2, format: 'ckpt' },
      contents: { entries: [entry()], weights: [entry()] },
      reduced: false,
      weightFolders: ['checkpoint_network'],
      side: {
        runId: 'r',
        parentRun: null,
        step,
        epoch: step,
        dataSteps: step,
        sinkSize: null,
        lossScale: { scale: 1, currentStep: 1, lastChangeStep: 0 },
      },
      seal,
    },
  });

  test('writes what the state was when it was told to, whatever becomes of it meanwhile', async () => {
    const [free, waiting] = [workFolder(), workFolder()];
    const writer = backgroundWriter(values.byteLength);
    for (const step of [1, 2, 3]) {
      values[step] = step;
      await waitingWriter().write(order(waiting, step));
      const written = writer.write(order(free, step));
      values.reverse();
      await written;
      values.reverse();
    }
    await writer.close();
    expect(expectSameFiles(free, waiting)).toBe(3 * 3 + 1);
  });

  test.each(['AES-GCM', 'AES-CBC', 'SM4-CBC'] as const)('encrypts with %s', async (mode) => {
    const root = workFolder();
    const seal = { key: new TextEncoder().encode('0123456789abcdef'), mode };
    const writer = backgroundWriter(values.byteLength);
    const { checkpoint } = await writer.write(order(root, 1, seal));
    await writer.close();
    const file = path.join(root, checkpoint);
    const opened = await openCheckpoint(file, seal);
    expect(opened.index.entries).toMatchObject([{ name: 'w', shape: [300, 1000] }]);
    await opened.close();
    const digest = tensorDigest('Float32', [300, 1000], new Uint8Array(values.buffer));
    expect(readSide(file)?.tensors['w']?.digest).toBe(digest);
    await expect(openCheckpoint(file, null)).rejects.toMatchObject({ exitCode: 4 });
  });

  test('tells what its thread could not do, with file and code, and can be asked again', async () => {
    const root = workFolder();
    fs.writeFileSync(path.join(root, 'file'), '');
    const writer = backgroundWriter(values.byteLength);
    const failed = writer.write(order(path.join(root, 'file'), 1));
    await expect(failed).rejects.toMatchObject({ name: 'StorageError', code: 'io' });
    expect(await writer.write(order(root, 1))).toMatchObject({ checkpoint: 'checkpoint/rank_0/x_rank_0-1_2.ckpt' });
    await writer.close();
    await expect(writer.write(order(root, 2))).rejects.toThrow('the checkpoint thread ended');
  });
});
