import { TestScheduler } from 'rxjs/testing';
import { expect, test } from 'vitest';
import type { TrainingEvent } from '../events.ts';
import { numbered } from './numbered.ts';
import { untilTerminal } from './until-terminal.ts';

const scheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));

test('a stream ends right behind its terminal event', () => {
  const common = { runId: 'r', seq: 0, atMs: 0 };
  const warn: TrainingEvent = { ...common, type: 'warning', code: 'x', message: '', place: '' };
  const done: TrainingEvent = { ...common, type: 'run-finished', steps: 1, finalLoss: 1 };
  scheduler().run(({ hot, expectObservable }) => {
    const source = hot('-w-w-d-w-|', { w: warn, d: done });
    expectObservable(source.pipe(untilTerminal())).toBe('-w-w-(d|)', { w: warn, d: done });
  });
});

test('numbers are dense and times come from the clock', () => {
  let clock = 100;
  const body = { type: 'compile-started', stage: 0 } as const;
  scheduler().run(({ cold, expectObservable }) => {
    const source = cold('a-a|', { a: body });
    const expected = (seq: number, atMs: number): TrainingEvent => ({ ...body, runId: 'r', seq, atMs });
    const out = source.pipe(numbered({ runId: 'r', first: 7, now: () => clock++ }));
    expectObservable(out).toBe('a-b|', { a: expected(7, 100), b: expected(8, 101) });
  });
});
