import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Mailboxes } from './mailboxes.ts';
import type { Arrival } from './mesh.ts';
import { RankLostError } from './rank-lost-error.ts';

const arrivalOf = (bytes: number): Arrival => ({ bytes, read: () => undefined, release: () => undefined });

function boxes(): { readonly mailboxes: Mailboxes; readonly late: RankLostError[] } {
  const late: RankLostError[] = [];
  const mailboxes = new Mailboxes((error) => {
    late.push(error);
    mailboxes.fail(error);
  });
  return { mailboxes, late };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('messages of a sender on a channel are taken in their order, whoever waits first', async () => {
  const { mailboxes } = boxes();
  mailboxes.deliver('a', 1, arrivalOf(1));
  mailboxes.deliver('b', 1, arrivalOf(2));
  const waiting = [1, 2].map(() => mailboxes.take('a', 2, Infinity));
  mailboxes.deliver('a', 2, arrivalOf(3));
  mailboxes.deliver('a', 2, arrivalOf(4));
  expect((await Promise.all(waiting)).map(({ bytes }) => bytes)).toEqual([3, 4]);
  expect((await mailboxes.take('a', 1, Infinity)).bytes).toBe(1);
});

test('what does not come in time is told, and ends whatever is waited for', async () => {
  const { mailboxes, late } = boxes();
  const ends = Promise.allSettled([mailboxes.take('a', 1, 2000), mailboxes.take('a', 2, Infinity)]);
  vi.advanceTimersByTime(1999);
  expect(late).toEqual([]);
  vi.advanceTimersByTime(1);
  vi.runAllTimers();
  expect(late).toEqual([new RankLostError(1, 'no answer in 2 seconds')]);
  for (const end of await ends) expect(end).toMatchObject({ reason: { rank: 1 } });
  await expect(mailboxes.take('a', 3, Infinity)).rejects.toThrow('rank 1 was lost');
});

test('what comes in time stops the clock, also at the last moment', async () => {
  const { mailboxes, late } = boxes();
  const waiting = mailboxes.take('a', 1, 2000);
  vi.advanceTimersToNextTimer();
  mailboxes.deliver('a', 1, arrivalOf(1));
  vi.runAllTimers();
  expect((await waiting).bytes).toBe(1);
  expect(late).toEqual([]);
});

test('while this process is busy, time does not count', async () => {
  const { mailboxes, late } = boxes();
  const waiting = mailboxes.take('a', 1, 2000);
  // A loop that is blocked sees its timers late.
  const start = performance.now();
  vi.spyOn(performance, 'now').mockReturnValueOnce(start + 9000);
  vi.advanceTimersByTime(2000);
  vi.advanceTimersByTime(10);
  expect(late).toEqual([]);
  mailboxes.deliver('a', 1, arrivalOf(1));
  expect((await waiting).bytes).toBe(1);
});
