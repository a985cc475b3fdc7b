import { BLOCK_BYTES, TransformError, workspaceBytes } from '@cairn/transform';

/** What a thread takes beside its blocks: engine, code, the plan of one file. */
const THREAD_BYTES = 16 * 2 ** 20;
/** What the process may still grow by: young objects of the engine, the index of a file being proven. */
const SLACK_BYTES = 16 * 2 ** 20;
/** Smaller blocks cost more time than they save memory. */
const MIN_BLOCK_BYTES = 2 ** 17;

/**
 * Sizes of what apply holds, so that the process stays below a bound. What it holds already (the plan) is measured.
 *
 * @throws TransformError `usage` when the bound is too low, naming one that is not
 */
export function memoryFor(
  jobs: number,
  memoryBytes: number,
  heldBytes: number = process.memoryUsage.rss(),
): {
  readonly blockBytes: number;
} {
  const threads = (jobs - 1) * THREAD_BYTES;
  const left = memoryBytes - heldBytes - threads - SLACK_BYTES;
  for (let blockBytes = BLOCK_BYTES; blockBytes >= MIN_BLOCK_BYTES; blockBytes /= 2) {
    if (jobs * workspaceBytes(blockBytes) <= left) return { blockBytes };
  }
  const least = heldBytes + threads + SLACK_BYTES + jobs * workspaceBytes(MIN_BLOCK_BYTES);
  const inMb = (bytes: number): number => Math.ceil(bytes / 1e6);
  const message = `--memory ${inMb(memoryBytes)}MB is not enough for ${jobs} job${jobs === 1 ? '' : 's'}: at least ${inMb(least)}MB are needed`;
  throw new TransformError('usage', message);
}

/** What apply holds at its usual speed, about: for people who choose a bound. */
export function usualMemory(jobs: number, heldBytes: number = process.memoryUsage.rss()): number {
  return heldBytes + (jobs - 1) * THREAD_BYTES + SLACK_BYTES + jobs * workspaceBytes();
}
