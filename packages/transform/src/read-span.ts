import type { Runs } from './runs.ts';

/**
 * Rows with at most this many bytes between them are read together with what lies between: a read of its own costs as
 * much time (2 µs against 14 GB/s of the page cache, compute-and-io §2.1).
 */
const MAX_GAP_BYTES = 32 * 1024;

/** Whether the rows of a copy's innermost loop are read at once, with what lies between them. */
export function readsTogether({ run, loops: [inner] }: Runs, width: number): boolean {
  return inner !== undefined && (inner.fromStep - run) * width <= MAX_GAP_BYTES;
}

/** Bytes that a copy reads. */
export function bytesRead(runs: Runs, width: number): number {
  const { run, loops } = runs;
  const [inner, ...outer] = loops;
  const times = outer.reduce((product, { count }) => product * count, 1);
  if (inner === undefined) return run * width;
  const together = (inner.count - 1) * inner.fromStep + run;
  return times * width * (readsTogether(runs, width) ? together : inner.count * run);
}
