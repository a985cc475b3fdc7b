/** Files of ranks that store what they have alike once. */
import fs from 'node:fs';
import path from 'node:path';
import type { EventBody } from '@cairn/events';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../src/failure-of.ts';
import { openCheckpoint, readSide } from '../../src/rank/checkpoint-file.ts';
import { dataFolder, ranksOf, stepsOf, trained } from '../spread-run.ts';
import type { Spread } from '../spread-run.ts';

const ONCE = 'checkpoint_format: safetensors, remove_redundancy: True';
const WHOLE = 'checkpoint_format: safetensors';
const NUMBERS = ['scale_sense', 'global_step', 'epoch_num', 'step_num', 'loss_scale', 'global_batch_size'];
const RESUME = 'load_checkpoint: ./output/checkpoint\nresume_training: tiny_rank_0-2_2\noutput_dir: ./again';

const worlds: readonly [string, Spread][] = [
  ['dp2', { dp: 2, rows: 4 }],
  ['dp4', { dp: 4, rows: 2 }],
  ['data parallel mode', { dp: 2, rows: 4, mode: 0, fullBatch: false }],
  ['dp2 mp2', { dp: 2, mp: 2, rows: 4 }],
  ['dp2 pp2, tied', { dp: 2, pp: 2, rows: 2, micro: 2, tied: true }],
  ['dp4, optimizer shards of two', { dp: 4, rows: 2, shards: 2 }],
];

function fileOf(cwd: string, rank: number): string {
  return path.join(cwd, `output/checkpoint/rank_${rank}/tiny_rank_${rank}-2_2.safetensors`);
}

/** What a training step must be the same in, to the bit. */
function bitsOf(events: readonly EventBody[] | undefined): unknown {
  return stepsOf(events).map(({ step, loss, globalNorm, lr, lossScale }) => [step, loss, globalNorm, lr, lossScale]);
}

describe.each(worlds)('%s', (_, spread) => {
  test('every part of a tensor is in one file of its stage, numbers are in all', async () => {
    const cwd = await dataFolder();
    await trained({ ...spread, monitor: ONCE }, cwd);
    const other = await dataFolder();
    await trained({ ...spread, monitor: WHOLE }, other);
    const ranks = Array.from({ length: ranksOf(spread) }, (_each, rank) => rank);
    const stages = spread.pp ?? 1;
    const partsOf = async (folder: string, rank: number) => {
      const { index, close } = await openCheckpoint(fileOf(folder, rank), null);
      await close();
      const side = readSide(fileOf(folder, rank));
      const names = index.entries.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(NUMBERS));
      const stage = Math.floor((rank * stages) / ranks.length);
      const tensors = Object.entries(side?.tensors ?? {}).filter(([name]) => name.includes('weight'));
      const parts = tensors.map(([name, { box, digest }]) => JSON.stringify([stage, name, box, digest]));
      return { parts, said: index.metadata['remove_redundancy'] };
    };
    const reduced = await Promise.all(ranks.map((rank) => partsOf(cwd, rank)));
    const whole = await Promise.all(ranks.map((rank) => partsOf(other, rank)));
    expect(new Set(reduced.map(({ said }) => said))).toEqual(new Set(['True']));
    expect(new Set(whole.map(({ said }) => said))).toEqual(new Set(['False']));
    const stored = reduced.flatMap(({ parts }) => parts);
    expect(stored.toSorted()).toEqual([...new Set(whole.flatMap(({ parts }) => parts))].toSorted());
    for (const { parts } of reduced) expect(parts.length).toBeGreaterThan(0);
  });

  test('a resume from them has the bits of the run that went on', async () => {
    const cwd = await dataFolder();
    const whole = await trained({ ...spread, monitor: ONCE }, cwd);
    const resumed = await trained({ ...spread, monitor: WHOLE }, cwd, RESUME);
    expect(stepsOf(resumed[0]).length).toBeGreaterThan(3);
    for (const [rank, events] of resumed.entries()) {
      expect(bitsOf(events)).toEqual(bitsOf(stepsOf(whole[rank]).slice(4)));
    }
  });
});

const DP2: Spread = { dp: 2, rows: 4 };

test('weights alone are taken from them too: the same as from whole files', async () => {
  const start = 'load_checkpoint: ./output/checkpoint\nload_ckpt_format: safetensors\noutput_dir: ./again';
  const after = async (monitor: string): Promise<unknown> => {
    const cwd = await dataFolder();
    await trained({ ...DP2, monitor }, cwd);
    const events = await trained(DP2, cwd, start);
    expect(events.flat().filter((event) => event.type === 'warning')).toEqual([]);
    return events.map(bitsOf);
  };
  expect(await after(ONCE)).toEqual(await after(WHOLE));
});

test('what the files say wins over the configuration', async () => {
  const cwd = await dataFolder();
  const [first] = await trained({ ...DP2, monitor: WHOLE }, cwd);
  const [resumed] = await trained(DP2, cwd, `${RESUME}\nremove_redundancy: True`);
  expect(bitsOf(resumed)).toEqual(bitsOf(stepsOf(first).slice(4)));
});

describe('when an owner has not what it stores for the others, it is exit code 4', () => {
  test('its file is gone', async () => {
    const cwd = await dataFolder();
    await trained({ ...DP2, monitor: ONCE }, cwd);
    fs.rmSync(fileOf(cwd, 1));
    const failure = await trained(DP2, cwd, RESUME).catch(failureOf);
    expect(failure).toMatchObject({
      exitCode: 4,
      message: expect.stringMatching(/rank 1: tiny_rank_1-2_2.*not there/),
    });
  });

  test('its file holds what another rank stores', async () => {
    const cwd = await dataFolder();
    await trained({ ...DP2, monitor: ONCE }, cwd);
    for (const ending of ['', '.cairn.json']) {
      fs.rmSync(`${fileOf(cwd, 1)}${ending}`);
      fs.copyFileSync(`${fileOf(cwd, 0)}${ending}`, `${fileOf(cwd, 1)}${ending}`);
    }
    const failure = await trained(DP2, cwd, RESUME).catch(failureOf);
    expect(failure).toMatchObject({ exitCode: 4, message: expect.stringMatching(/rank 1: .* is missing/) });
  });
});

test('one rank saves everything, and says why', async () => {
  const cwd = await dataFolder();
  const [events = []] = await trained({ monitor: ONCE }, cwd);
  const { index, close } = await openCheckpoint(fileOf(cwd, 0), null);
  await close();
  expect(index.metadata['remove_redundancy']).toBe('False');
  expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
    { code: 'nothing-redundant', place: expect.stringMatching(/^ranks\.yaml:\d+/) },
  ]);
});

test('integrated_save: True has no effect where ranks save slices; said when it was asked for', async () => {
  const codes = async (spread: Spread): Promise<readonly string[]> =>
    (await trained(spread, await dataFolder()))
      .flat()
      .flatMap((event) => (event.type === 'warning' ? [event.code] : []));
  expect(await codes({ mp: 2, monitor: 'integrated_save: True' })).toContain('slices-saved');
  expect(await codes({ mp: 2 })).not.toContain('slices-saved');
  expect(await codes({ monitor: 'integrated_save: True' })).not.toContain('slices-saved');
});
