import { expect, test } from 'vitest';
import { toPrune } from './retention.ts';
import type { SavePolicy } from './save-policy.ts';
import { isSaveDue, savesAnything } from './save-policy.ts';

/** The steps after which a run of `total` steps saves when it is asked every `stride` steps. */
function savesOf(policy: SavePolicy, stride: number, total: number, msPerStep = 0): number[] {
  const saves: number[] = [];
  let last = { done: 0, atMs: 0 };
  for (let done = stride; done <= total; done += stride) {
    if (!isSaveDue(policy, last, { done, atMs: done * msPerStep, final: done === total })) continue;
    saves.push(done);
    last = { done, atMs: done * msPerStep };
  }
  return saves;
}

test.each([
  { every: 5, sink: 2, total: 50, saves: [6, 12, 18, 24, 30, 36, 42, 48, 50] },
  { every: 10, sink: 2, total: 50, saves: [10, 20, 30, 40, 50] },
  { every: 6, sink: 1, total: 50, saves: [6, 12, 18, 24, 30, 36, 42, 48, 50] },
  { every: 100, sink: 2, total: 50, saves: [50] },
])('every $every steps with sinks of $sink', ({ every, sink, total, saves }) => {
  expect(savesOf({ everySteps: every, everySeconds: null }, sink, total)).toEqual(saves);
});

test('by time, when no step count is set', () => {
  expect(savesOf({ everySteps: null, everySeconds: 2 }, 1, 10, 700)).toEqual([3, 6, 9, 10]);
  expect(savesOf({ everySteps: 4, everySeconds: 2 }, 1, 10, 700)).toEqual([4, 8, 10]);
});

test('with neither set nothing is saved, not even at the end', () => {
  expect(savesAnything({ everySteps: 0, everySeconds: null })).toBe(false);
  expect(savesOf({ everySteps: null, everySeconds: 0 }, 1, 10)).toEqual([]);
});

const saves = [10, 20, 30, 40].map((step) => ({ file: `x-${step}`, step, savedMs: step * 6000 }));
const pruned = (most: number | null, onePerMinutes: number | null): number[] =>
  toPrune({ most, onePerMinutes }, saves).map(({ step }) => step);

test('the newest are kept, whatever order they are given in', () => {
  expect(pruned(3, null)).toEqual([10]);
  expect(pruned(20, null)).toEqual([]);
  expect(toPrune({ most: 1, onePerMinutes: null }, saves.toReversed()).map(({ step }) => step)).toEqual([10, 20, 30]);
});

test('with nothing set one is kept', () => {
  expect(pruned(null, null)).toEqual([10, 20, 30]);
  expect(pruned(0, 0)).toEqual([10, 20, 30]);
});

test('one of each span of minutes is kept, and always the newest', () => {
  expect(pruned(null, 2)).toEqual([20]);
  expect(pruned(null, 60)).toEqual([20, 30]);
  expect(pruned(4, 60)).toEqual([]);
});
