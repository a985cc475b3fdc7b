/** Loads of the checkpoint thread, which runs what was built. */
import fs from 'node:fs';
import path from 'node:path';
import type { EventBody } from '@cairn/events';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../src/failure-of.ts';
import { openCheckpoint } from '../../src/rank/checkpoint-file.ts';
import { dataFolder, stepsOf, trained } from '../spread-run.ts';
import type { Spread } from '../spread-run.ts';

const ASYNC = 'load_ckpt_async: True';
const RESUME = 'load_checkpoint: ./output/checkpoint\nresume_training: tiny_rank_0-2_2\noutput_dir: ./again';
const WEIGHTS = 'load_checkpoint: ./output/checkpoint_network\noutput_dir: ./again';

/** Everything of a run that loading decides. */
function seen(all: readonly (readonly EventBody[])[]): unknown {
  return all.map((events) => ({
    steps: stepsOf(events).map(({ step, loss, globalNorm, lr, lossScale }) => [step, loss, globalNorm, lr, lossScale]),
    loaded: events.flatMap((event) => (event.type === 'checkpoint-loaded' ? [[event.path, event.bytes]] : [])),
    warned: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
  }));
}

describe('a checkpoint that is read while the program is compiled', () => {
  const ways: readonly [string, Spread, string][] = [
    ['resumed', {}, RESUME],
    ['resumed on two ranks, safetensors', { mp: 2, monitor: 'checkpoint_format: safetensors' }, RESUME],
    [
      'resumed from files without redundancy',
      { dp: 2, rows: 4, monitor: 'checkpoint_format: safetensors, remove_redundancy: True' },
      RESUME,
    ],
    ['resumed, encrypted', { monitor: 'enc_key: 0123456789abcdef' }, RESUME],
    ['as first weights', {}, WEIGHTS],
  ];
  test.each(ways)('%s: gives the bits of one that is read after it', async (_, spread, start) => {
    const cwd = await dataFolder();
    await trained(spread, cwd);
    const expected = await trained(spread, cwd, start);
    const found = await trained(spread, cwd, `${start}\n${ASYNC}`);
    expect(seen(found)).toEqual(seen(expected));
    for (const events of found) {
      const types = events.map(({ type }) => type);
      expect(types.indexOf('checkpoint-loaded')).toBe(types.indexOf('compile-finished') + 1);
      expect(events.filter((event) => 'ms' in event && event.ms > 0).map(({ type }) => type)).toEqual(
        expect.arrayContaining(['compile-finished', 'checkpoint-loaded']),
      );
    }
  });

  test('takes states from a full checkpoint only when training is resumed', async () => {
    const cwd = await dataFolder();
    await trained({}, cwd);
    const start = WEIGHTS.replace('checkpoint_network', 'checkpoint');
    expect(seen(await trained({}, cwd, `${start}\n${ASYNC}`))).toEqual(seen(await trained({}, cwd, start)));
  });

  test.each(['', ASYNC])('is refused with its tensor when it is damaged (%s)', async (async) => {
    const cwd = await dataFolder();
    await trained({}, cwd);
    const file = path.join(cwd, 'output/checkpoint/rank_0/tiny_rank_0-6_2.ckpt');
    const { index, close } = await openCheckpoint(file, null);
    await close();
    const [tensor] = index.entries.filter((entry) => entry.kind === 'tensor');
    const byte = tensor?.chunks[0]?.offset ?? NaN;
    fs.chmodSync(file, 0o600);
    const bytes = fs.readFileSync(file);
    bytes[byte] = (bytes[byte] ?? 0) ^ 1;
    fs.writeFileSync(file, bytes);
    const failure = await trained({}, cwd, `load_checkpoint: ${file}\noutput_dir: ./again\n${async}`).catch(failureOf);
    expect(failure).toMatchObject({ code: 'damaged', exitCode: 4, place: { file, tensor: tensor?.name, byte } });
  });

  test('that is cut anew for the ranks is read afterwards, and it is said', async () => {
    const cwd = await dataFolder();
    await trained({}, cwd);
    const again = `load_checkpoint: ${cwd}/output/checkpoint\nauto_trans_ckpt: True\nresume_training: tiny_rank_0-2_2\noutput_dir: ./again`;
    const [expected] = await trained({}, cwd, again);
    const [found = []] = await trained({}, cwd, `${again}\n${ASYNC}`);
    expect(stepsOf(found).map(({ loss }) => loss)).toEqual(stepsOf(expected).map(({ loss }) => loss));
    expect(found.flatMap((event) => (event.type === 'warning' ? [event.code] : []))).toContain('load-not-async');
  });
});
