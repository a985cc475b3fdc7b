import { aloneGroup, localGroups } from '@cairn/collectives';
import type { Group } from '@cairn/collectives';
import type { Proof } from '@cairn/ckpt-format/folder';
import { expectConfig, parseConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { StorageError } from '@cairn/storage';
import { expect, test } from 'vitest';
import { TINY_YAML, workFolder } from '../../test/tiny-run.ts';
import { saveSettingsOf } from '../settings/save-settings.ts';
import type { SavedState } from './checkpoint-entries.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { SaveOrder, WrittenSave } from './checkpoint-writer.ts';

const WHOLE: Proof = { whole: true, by: ['structure'] };
const DAMAGED: Proof = { whole: false, why: 'its CRC does not fit', differs: false, tensor: null, byte: null };
const STATE: SavedState = {
  parameters: [],
  progress: { globalStep: 0, lossScale: { scale: 1, currentStep: 1, lastChangeStep: 0 } },
};

/** A keeper of saves after every step, whose writer ends a save when it is told to. */
async function keeperWith(monitor: string, world: Group = aloneGroup()) {
  const text = TINY_YAML.replace('save_checkpoint_steps: 4', `save_checkpoint_steps: 1, ${monitor}`);
  const settings = saveSettingsOf(expectConfig(await parseConfig({ name: 'tiny.yaml', text })).config);
  if (settings === null) throw new Error('the configuration saves nothing');
  const events: EventBody[] = [];
  const orders: { order: SaveOrder; end: (proof?: Proof) => void; fail: (error: Error) => void }[] = [];
  const clock = { ms: 0 };
  const keeper = await CheckpointKeeper.open({
    settings,
    expected: { whole: new Map(), owned: new Map(), reduced: false },
    dynamicLossScale: false,
    root: workFolder(),
    world,
    span: {
      initialStep: 0,
      initialEpoch: 0,
      steps: 9,
      totalSteps: 9,
      skip: 0,
      stepScale: 1,
      stepsPerEpoch: 3,
      sinkSize: null,
      warnings: [],
    },
    globalBatchSize: 2,
    writer: {
      inBackground: true,
      close: () => Promise.resolve(),
      write: (order) =>
        new Promise<WrittenSave>((resolve, fail) => {
          const { prefix, rank, epoch, step } = order.save.name;
          const checkpoint = `checkpoint/rank_${rank}/${prefix}_rank_${rank}-${epoch}_${step}.ckpt`;
          const end = (proof: Proof = WHOLE): void =>
            resolve({ checkpoint, weights: [], bytes: 8, proof: order.prove && proof });
          orders.push({ order, end, fail });
        }),
    },
    seal: null,
    runId: 'test',
    parentRun: null,
    emit: (event) => events.push(event),
    nowMs: () => clock.ms,
  });
  const told = (): readonly string[] =>
    events.map((event) => ('path' in event ? `${event.type} ${event.path.split('-').at(-1)}` : event.type));
  return { keeper, orders, clock, events, told };
}

test('a save does not overtake the one before: it waits, and a long wait is told', async () => {
  const { keeper, orders, clock, events, told } = await keeperWith('keep_checkpoint_max: 9');
  await keeper.afterStep(STATE, 1, false);
  const second = keeper.afterStep(STATE, 2, false);
  await expect.poll(() => told()).toEqual(['checkpoint-saving 1_1.ckpt']);
  expect(orders).toHaveLength(1);
  clock.ms = 1500;
  orders[0]?.end();
  await second;
  expect(told()).toEqual([
    'checkpoint-saving 1_1.ckpt',
    'checkpoint-saved 1_1.ckpt',
    'stall',
    'checkpoint-saving 1_2.ckpt',
  ]);
  expect(events[2]).toEqual({ type: 'stall', of: 'save', ms: 1500 });
  expect(events[1]).toMatchObject({ bytes: 8, ms: 1500 });
});

test('the last step waits for its save', async () => {
  const { keeper, orders, told } = await keeperWith('keep_checkpoint_max: 9');
  let ended = false;
  const last = keeper.afterStep(STATE, 9, true).then(() => (ended = true));
  await expect.poll(() => orders).toHaveLength(1);
  expect(ended).toBe(false);
  orders[0]?.end();
  await last;
  expect(told()).toEqual(['checkpoint-saving 3_3.ckpt', 'checkpoint-saved 3_3.ckpt']);
});

test('a save that failed ends training at the next step, and only once', async () => {
  const { keeper, orders, told } = await keeperWith('keep_checkpoint_max: 9');
  await keeper.afterStep(STATE, 1, false);
  orders[0]?.fail(new StorageError('no-space', 'the disk is full', '/x'));
  await expect(keeper.afterStep(STATE, 2, false)).rejects.toMatchObject({ code: 'no-space' });
  await keeper.close();
  expect(told()).toEqual(['checkpoint-saving 1_1.ckpt']);
});

test('training that ends early lets the save under way end, and tells when it fails', async () => {
  for (const fails of [false, true]) {
    const { keeper, orders, told, events } = await keeperWith('keep_checkpoint_max: 9');
    await keeper.afterStep(STATE, 1, false);
    const closed = keeper.close();
    if (fails) orders[0]?.fail(new Error('no room'));
    else orders[0]?.end();
    await closed;
    expect(told().at(-1)).toBe(fails ? 'warning' : 'checkpoint-saved 1_1.ckpt');
    if (fails) expect(events.at(-1)).toMatchObject({ code: 'save-failed', message: expect.stringMatching(/no room/) });
  }
});

test('a checkpoint is read back when an older one is to go, and only then', async () => {
  const { keeper, orders } = await keeperWith('keep_checkpoint_max: 1');
  await keeper.afterStep(STATE, 1, false);
  orders[0]?.end();
  await keeper.afterStep(STATE, 2, false);
  expect(orders.map(({ order }) => order.prove !== null)).toEqual([false, true]);
});

test('a save that is damaged on one rank counts on none: no rank prunes for it, and all prune for the next', async () => {
  const ranks = await Promise.all(localGroups(2).map((world) => keeperWith('keep_checkpoint_max: 1', world)));
  for (const [done, proofs] of [
    [1, [WHOLE, WHOLE]],
    [2, [WHOLE, DAMAGED]],
    [3, [WHOLE, WHOLE]],
  ] as const) {
    await Promise.all(ranks.map(({ keeper }) => keeper.afterStep(STATE, done, false)));
    for (const [rank, { orders }] of ranks.entries()) orders[done - 1]?.end(proofs[rank]);
  }
  await Promise.all(ranks.map(({ keeper }) => keeper.afterStep(STATE, 3, true)));
  for (const { told } of ranks) {
    expect(told().filter((each) => each.startsWith('checkpoint-pruned'))).toEqual(['checkpoint-pruned 1_1.ckpt']);
  }
  expect(ranks.map(({ told }) => told().includes('warning'))).toEqual([false, true]);
});
