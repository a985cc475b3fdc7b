import type { EventBody } from '@cairn/events';
import { expect, test } from 'vitest';
import { heldUntilStart, mergeRanks } from './merge-ranks.ts';
import type { MergedEvent, MergeRules } from './merge-ranks.ts';

const started = { type: 'run-started' } as EventBody;
const step = { type: 'step', step: 1 } as EventBody;
const decided = { type: 'resume-decided' } as EventBody;
const skipped = { type: 'data-skipped' } as EventBody;
const saving = { type: 'checkpoint-saving' } as EventBody;
const warning = (message: string): EventBody => ({ type: 'warning', code: 'c', message, place: '' });

/** What becomes of something that all ranks say, one after another. */
function merged(body: EventBody, changes: Partial<MergeRules> = {}): (number | null)[] {
  const rules = { size: 4, reporter: 2, allRanks: false, ...changes };
  const merge = mergeRanks(rules);
  const all = Array.from({ length: rules.size }, (_, rank) => merge(rank, body));
  return all.filter((event) => event !== null).map(({ rank }) => rank);
}

test('what is true of the run is there once', () => {
  expect(merged(started)).toEqual([null]);
  expect(merged(skipped)).toEqual([null]);
  expect(merged(decided)).toEqual([0]);
});

test('a step is that of the reporting rank, or of all ranks when they are wanted', () => {
  expect(merged(step)).toEqual([2]);
  expect(merged(step, { allRanks: true })).toEqual([0, 1, 2, 3]);
});

test('what each rank does is there with its rank', () => {
  expect(merged(saving)).toEqual([0, 1, 2, 3]);
});

test('a warning that all ranks have is there once', () => {
  expect(merged(warning('w'))).toEqual([0]);
  const merge = mergeRanks({ size: 2, reporter: 0, allRanks: false });
  expect(merge(1, warning('w'))?.rank).toBe(1);
  expect(merge(0, warning('w'))).toBeNull();
  expect(merge(0, warning('another'))?.rank).toBe(0);
});

test('a rank that is alone is the run', () => {
  for (const body of [started, step, decided, saving, warning('w')]) expect(merged(body, { size: 1 })).toEqual([null]);
});

test('the run begins before anything else is told, and nothing is lost when it does not begin', () => {
  const told: MergedEvent[] = [];
  const event = (body: EventBody): MergedEvent => ({ body, rank: null });
  let now = 5;
  const first = heldUntilStart(
    (each) => told.push(each),
    () => now++,
  );
  first.take(event(saving));
  expect(told).toEqual([]);
  first.take(event(started));
  first.take(event(step));
  first.release();
  expect(told.map(({ body }) => body.type)).toEqual(['run-started', 'checkpoint-saving', 'step']);
  expect(told.map(({ atMs }) => atMs)).toEqual([undefined, 5, undefined]);
  const second = heldUntilStart((each) => told.push(each));
  second.take(event(decided));
  second.release();
  expect(told.at(-1)?.body.type).toBe('resume-decided');
});
