import type { ByteSource } from '@cairn/bytes';
import { CkptError } from './ckpt-error.ts';

/**
 * Work over a source that answers at once or later: yields the promises it must wait for, and nothing while the
 * answers are numbers. One text serves both, and the synchronous way never meets a promise.
 */
export type Steps<T> = Generator<Promise<number>, T, number>;

/** Runs to the end: at once when nothing had to be waited for, else as a promise. */
export function runSteps<T>(steps: Steps<T>): T | Promise<T> {
  const first = steps.next();
  return first.done === true ? first.value : resume(steps, first.value);
}

async function resume<T>(steps: Steps<T>, answer: Promise<number>): Promise<T> {
  let step = steps.next(await answer);
  while (step.done !== true) step = steps.next(await step.value);
  return step.value;
}

/**
 * Fills `into` with the bytes from `offset` on; the caller has checked that the source is that long.
 *
 * @throws CkptError `truncated` when the source ends before its own size (the file shrank)
 */
export function* fill(source: ByteSource, offset: number, into: Uint8Array): Steps<void> {
  const answer = source.read(offset, into);
  const read = typeof answer === 'number' ? answer : yield answer;
  if (read === into.length) return;
  throw new CkptError('truncated', `the source ends at byte ${offset + read}, its size says ${source.size}`, {
    byte: offset + read,
  });
}
