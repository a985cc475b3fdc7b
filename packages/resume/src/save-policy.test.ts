import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeptSave, RetentionPolicy } from './retention.ts';
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

test('however often it asks, a run never goes longer without a save than it should, and saves its last step', () => {
  const positive = fc.integer({ min: 1, max: 20 });
  fc.assert(
    fc.property(positive, positive, fc.integer({ min: 1, max: 30 }), (everySteps, sink, sinks) => {
      const total = sink * sinks;
      const taken = savesOf({ everySteps, everySeconds: null }, sink, total);
      expect(taken.at(-1)).toBe(total);
      const gaps = taken.map((done, i) => done - (taken[i - 1] ?? 0));
      // A save waits for the end of its sink.
      for (const gap of gaps) expect(gap).toBeLessThan(everySteps + sink);
      for (const gap of gaps.slice(0, -1)) expect(gap).toBeGreaterThanOrEqual(everySteps);
    }),
  );
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

const anySaves: fc.Arbitrary<readonly KeptSave[]> = fc
  .uniqueArray(fc.record({ step: fc.nat(100), savedMs: fc.nat(20 * 60_000) }), { selector: ({ step }) => step })
  .map((list) => list.map((save) => ({ ...save, file: `x-${save.step}` })));
const anyPolicy: fc.Arbitrary<RetentionPolicy> = fc.record({
  most: fc.option(fc.integer({ min: 0, max: 6 })),
  onePerMinutes: fc.option(fc.integer({ min: 0, max: 8 })),
});

test('the newest save is never removed, whatever the policy, the order and the clock', () => {
  fc.assert(
    fc.property(anySaves, anyPolicy, (list, policy) => {
      const gone = toPrune(policy, list);
      const newest = Math.max(...list.map(({ step }) => step));
      expect(gone.map(({ step }) => step)).not.toContain(newest);
      expect(gone.every((save) => list.includes(save))).toBe(true);
      expect(new Set(gone).size).toBe(gone.length);
    }),
  );
});

test('what is removed is the oldest, and no more than must be; removing again removes nothing', () => {
  fc.assert(
    fc.property(anySaves, anyPolicy, (list, policy) => {
      const gone = toPrune(policy, list);
      const kept = list.filter((save) => !gone.includes(save));
      if (policy.most || !policy.onePerMinutes) {
        expect(kept).toHaveLength(Math.min(list.length, policy.most || 1));
        const oldestKept = Math.min(...kept.map(({ step }) => step));
        expect(gone.every(({ step }) => step < oldestKept)).toBe(true);
      }
      expect(toPrune(policy, kept)).toEqual([]);
    }),
  );
});

test('by time, what is kept lies at least the span apart, but for the newest', () => {
  const inOrder = anySaves.map((list) => {
    const times = list.map(({ savedMs }) => savedMs).toSorted((a, b) => a - b);
    return list.toSorted((a, b) => a.step - b.step).map((save, i) => ({ ...save, savedMs: times[i] ?? 0 }));
  });
  fc.assert(
    fc.property(inOrder, fc.integer({ min: 1, max: 8 }), (list, onePerMinutes) => {
      const gone = toPrune({ most: null, onePerMinutes }, list);
      const kept = list.filter((save) => !gone.includes(save)).slice(0, -1);
      const gaps = kept.slice(1).map(({ savedMs }, i) => savedMs - (kept[i]?.savedMs ?? 0));
      for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(onePerMinutes * 60_000);
    }),
  );
});
