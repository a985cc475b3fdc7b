import { throwError } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { TestScheduler } from 'rxjs/testing';
import { expect, test } from 'vitest';
import type { TrainingEvent } from '../events.ts';
import { numbered } from './numbered.ts';
import { untilTerminal } from './until-terminal.ts';

/** What the marbles of a test compare: [what came, what was drawn]. */
function compared(marbles: (helpers: RunHelpers) => void): readonly (readonly [unknown, unknown])[] {
  const pairs: (readonly [unknown, unknown])[] = [];
  const scheduler = new TestScheduler((actual, expected) => {
    pairs.push([actual, expected]);
  });
  scheduler.run(marbles);
  return pairs;
}

const common = { runId: 'r', seq: 0, atMs: 0 };
const warn: TrainingEvent = { ...common, type: 'warning', code: 'x', message: '', place: '' };
const done: TrainingEvent = { ...common, type: 'run-finished', steps: 1, finalLoss: 1 };
const failed: TrainingEvent = {
  ...common,
  type: 'run-failed',
  code: 'c',
  exitCode: 1,
  message: '',
  failedRank: null,
  tensor: null,
  file: null,
  byte: null,
};

test.each([
  { what: 'right behind its terminal event', source: '-w-w-d-w-|', out: '-w-w-(d|)' },
  { what: 'behind a failure too', source: '-w-f-w-|', out: '-w-(f|)' },
  { what: 'with its source when no terminal event comes', source: '-w-|', out: '-w-|' },
])('a stream ends $what', ({ source, out }) => {
  const values = { w: warn, d: done, f: failed };
  const [pair] = compared(({ hot, expectObservable }) => {
    expectObservable(hot(source, values).pipe(untilTerminal())).toBe(out, values);
  });
  expect(pair?.[0]).toEqual(pair?.[1]);
  expect(pair).toBeDefined();
});

test('a source is let go of at the terminal event', () => {
  const pairs = compared(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-w-d-w-|', { w: warn, d: done });
    expectObservable(source.pipe(untilTerminal())).toBe('-w-(d|)', { w: warn, d: done });
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
  expect(pairs).toHaveLength(2);
  for (const [actual, drawn] of pairs) expect(actual).toEqual(drawn);
});

test('numbers are dense and times come from the clock', () => {
  let clock = 100;
  const body = { type: 'compile-started', stage: 0 } as const;
  const [pair] = compared(({ cold, expectObservable }) => {
    const expected = (seq: number, atMs: number): TrainingEvent => ({ ...body, runId: 'r', seq, atMs });
    const out = cold('a-a|', { a: body }).pipe(numbered({ runId: 'r', first: 7, now: () => clock++ }));
    expectObservable(out).toBe('a-b|', { a: expected(7, 100), b: expected(8, 101) });
  });
  expect(pair?.[0]).toEqual(pair?.[1]);
  expect(pair).toBeDefined();
});

test('each subscriber counts from the first number, and errors pass', () => {
  const run = { runId: 'r', first: 3, now: () => 0 };
  const body = { type: 'compile-started', stage: 0 } as const;
  const pairs = compared(({ cold, expectObservable }) => {
    const out = cold('a|', { a: body }).pipe(numbered(run));
    const first: TrainingEvent = { ...body, runId: 'r', seq: 3, atMs: 0 };
    expectObservable(out).toBe('a|', { a: first });
    expectObservable(out).toBe('a|', { a: first });
    expectObservable(throwError(() => 'fault').pipe(numbered(run))).toBe('#', undefined, 'fault');
  });
  expect(pairs).toHaveLength(3);
  for (const [actual, drawn] of pairs) expect(actual).toEqual(drawn);
});
