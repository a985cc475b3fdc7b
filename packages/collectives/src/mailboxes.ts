import type { Arrival } from './mesh.ts';
import { RankLostError } from './rank-lost-error.ts';

interface Waiter {
  readonly from: number;
  give(arrival: Arrival): void;
  fail(error: unknown): void;
}

interface Box {
  readonly arrived: Arrival[];
  readonly waiting: Waiter[];
}

/** Longest time a timer can take. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer that comes so much too late says that this process was busy. */
const BUSY_MS = 1000;

/** What has come to a rank and was not yet taken, by sender and channel; and who waits for what has not yet come. */
export class Mailboxes {
  readonly #onLate: (error: RankLostError) => void;
  readonly #boxes = new Map<string, Box>();
  readonly #left = new Map<number, unknown>();
  #failure: { readonly error: unknown } | null = null;

  /** @param onLate told when a message did not come in time, before who waits for it */
  constructor(onLate: (error: RankLostError) => void) {
    this.#onLate = onLate;
  }

  deliver(channel: string, from: number, arrival: Arrival): void {
    const box = this.#box(channel, from);
    const waiter = box.waiting.shift();
    if (waiter === undefined) box.arrived.push(arrival);
    else waiter.give(arrival);
  }

  /** @param deadlineMs how long the message may be waited for; Infinity = for ever */
  take(channel: string, from: number, deadlineMs: number): Promise<Arrival> {
    if (this.#failure !== null) return rejected(this.#failure.error);
    const box = this.#box(channel, from);
    const arrival = box.arrived.shift();
    if (arrival !== undefined) return Promise.resolve(arrival);
    return this.#left.has(from) ? rejected(this.#left.get(from)) : this.#wait(box, from, deadlineMs);
  }

  /** Nothing more comes from a rank; what has come can still be taken. */
  leave(from: number, error: unknown): void {
    this.#left.set(from, error);
    this.#failWaiters((waiter) => waiter.from === from, error);
  }

  /** Ends everything that waits, and whatever is asked from now on. The first error counts. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#failWaiters(() => true, this.#failure.error);
  }

  #box(channel: string, from: number): Box {
    const key = `${from} ${channel}`;
    const box = this.#boxes.get(key) ?? { arrived: [], waiting: [] };
    this.#boxes.set(key, box);
    return box;
  }

  #wait(box: Box, from: number, deadlineMs: number): Promise<Arrival> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        from,
        give(arrival) {
          stopTimer();
          resolve(arrival);
        },
        fail(error) {
          stopTimer();
          reject(error);
        },
      };
      const stopTimer = startDeadline(deadlineMs, () => {
        const why = `no answer in ${deadlineMs / 1000} seconds`;
        if (box.waiting.includes(waiter)) this.#onLate(new RankLostError(from, why));
      });
      box.waiting.push(waiter);
    });
  }

  #failWaiters(isMeant: (waiter: Waiter) => boolean, error: unknown): void {
    for (const { waiting } of this.#boxes.values()) {
      for (const waiter of waiting.filter(isMeant)) {
        waiting.splice(waiting.indexOf(waiter), 1);
        waiter.fail(error);
      }
    }
  }
}

function rejected(error: unknown): Promise<never> {
  return Promise.reject(error);
}

/** @returns stops it */
function startDeadline(ms: number, late: () => void): () => void {
  if (ms > LONGEST_MS) return () => undefined;
  let timer: NodeJS.Timeout;
  const start = (): void => {
    const due = performance.now() + ms;
    timer = setTimeout(() => {
      // While this process itself was busy it could not see an answer: that time does not count.
      if (performance.now() > due + BUSY_MS) start();
      else setImmediate(late);
    }, ms);
  };
  start();
  return () => clearTimeout(timer);
}
