import fs from 'node:fs';
import path from 'node:path';
import { decodeEvent } from '@cairn/events';
import { expect, test } from 'vitest';
import { run } from '../src/index.ts';
import { eventsOf, tinyFolder, tinyInput } from './tiny-run.ts';

test('a run is its record: every event is in the file, numbered without a gap, the last one ends it', async () => {
  const cwd = await tinyFolder();
  const events = await eventsOf(run(tinyInput(), { cwd, runId: 'r' }));
  const lines = fs.readFileSync(path.join(cwd, 'output/events.ndjson'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => decodeEvent(line))).toEqual(events);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  expect(events.map(({ type }) => type)).toEqual([
    'run-started',
    'compile-started',
    'compile-finished',
    ...Array.from({ length: 4 }, () => 'step'),
    'checkpoint-saving',
    'checkpoint-saved',
    ...Array.from({ length: 4 }, () => 'step'),
    'checkpoint-saving',
    'checkpoint-saved',
    'run-finished',
  ]);
});

test('an event is in the record before it is delivered', async () => {
  const cwd = await tinyFolder();
  const record = path.join(cwd, 'output/events.ndjson');
  let delivered = 0;
  await new Promise<void>((resolve, reject) => {
    run(tinyInput(), { cwd }).subscribe({
      next: () => {
        delivered += 1;
        expect(fs.readFileSync(record, 'utf8').trimEnd().split('\n')).toHaveLength(delivered);
      },
      complete: resolve,
      error: reject,
    });
  });
  expect(delivered).toBeGreaterThan(8);
});

test('nothing happens before it is subscribed to', async () => {
  const cwd = await tinyFolder();
  run(tinyInput(), { cwd });
  expect(fs.readdirSync(cwd)).toEqual(['data']);
});

test('a signal ends it after the step under way, as interrupted', async () => {
  const cwd = await tinyFolder();
  const stop = new AbortController();
  const seen: string[] = [];
  await new Promise<void>((resolve, reject) => {
    run(tinyInput(), { cwd, signal: stop.signal }).subscribe({
      next: (event) => {
        seen.push(event.type);
        if (event.type === 'step') stop.abort();
        if (event.type === 'run-failed') expect(event).toMatchObject({ code: 'interrupted', exitCode: 130 });
      },
      complete: resolve,
      error: reject,
    });
  });
  expect(seen.filter((type) => type === 'step')).toHaveLength(1);
  expect(seen.at(-1)).toBe('run-failed');
});

test('unsubscribing ends it, and frees the output folder', async () => {
  const cwd = await tinyFolder();
  const lock = path.join(cwd, 'output/.cairn.lock');
  await new Promise<void>((resolve) => {
    const watch = run(tinyInput(['epochs: 2', 'epochs: 2000']), { cwd }).subscribe((event) => {
      if (event.type !== 'step') return;
      watch.unsubscribe();
      resolve();
    });
  });
  await expect.poll(() => fs.existsSync(lock)).toBe(false);
  expect((await eventsOf(run(tinyInput(), { cwd }))).at(-1)?.type).toBe('run-finished');
});

test('a second run in the same folder is refused while the first goes on', async () => {
  const cwd = await tinyFolder();
  const refused = await new Promise<unknown>((resolve) => {
    const watch = run(tinyInput(['epochs: 2', 'epochs: 2000']), { cwd }).subscribe((event) => {
      if (event.type !== 'step') return;
      resolve(eventsOf(run(tinyInput(), { cwd })).finally(() => watch.unsubscribe()));
    });
  });
  expect(refused).toMatchObject([{ type: 'run-failed', code: 'folder-in-use', exitCode: 2 }]);
});

test('a resumed run appends to the record under its own id, and names its parent', async () => {
  const cwd = await tinyFolder();
  await eventsOf(run(tinyInput(['epochs: 2', 'epochs: 1']), { cwd, runId: 'first' }));
  const resume = 'seed: 1\nload_checkpoint: ./output/checkpoint\nresume_training: True';
  const events = await eventsOf(run(tinyInput(['seed: 1', resume]), { cwd, runId: 'second' }));
  expect(events[0]).toMatchObject({ type: 'run-started', runId: 'second', seq: 0, parentRun: 'first' });
  const lines = fs.readFileSync(path.join(cwd, 'output/events.ndjson'), 'utf8').trimEnd().split('\n');
  expect(new Set(lines.map((line) => decodeEvent(line).runId))).toEqual(new Set(['first', 'second']));
  const decision = path.join(cwd, 'output/resume_record/latest_checkpointed_iteration.txt');
  expect(fs.readFileSync(decision, 'utf8')).toMatch(/rank_0\/tiny_rank_0-1_4\.ckpt\n$/);
});

test('micro batches of one step: the mean of their losses, or of all their tokens', async () => {
  const pad: readonly [string, string] = ['vocab_size: 16', 'vocab_size: 16, pad_token_id: 3'];
  const whole = await eventsOf(run(tinyInput(pad), { cwd: await tinyFolder() }));
  const halves = ['batch_size: 2', 'batch_size: 1, gradient_accumulation_steps: 2'] as const;
  const means = await eventsOf(run(tinyInput(pad, halves), { cwd: await tinyFolder() }));
  const perToken = ['vocab_size: 16', 'vocab_size: 16, calculate_per_token_loss: True'] as const;
  const tokens = await eventsOf(run(tinyInput(perToken, pad, halves), { cwd: await tinyFolder() }));
  const losses = (events: typeof whole): number[] =>
    events.flatMap((event) => (event.type === 'step' ? [event.loss] : []));
  expect(losses(means)).toHaveLength(8);
  // Rows hold different numbers of padding tokens, so the two means differ.
  expect(Math.abs(losses(means)[0]! - losses(whole)[0]!)).toBeGreaterThan(1e-4);
  for (const [i, loss] of losses(tokens).entries()) expect(Math.abs(loss - losses(whole)[i]!)).toBeLessThan(1e-5);
});
