import { TransformError } from './transform-error.ts';

/** What one of several processes transforms. */
export interface Share {
  /** Rank that does the work: 0, N/P, 2N/P, ... */
  readonly worker: number;
  /** Destination ranks, ascending. */
  readonly ranks: readonly number[];
}

/**
 * Divides destination ranks over processes: each takes consecutive ones (document 002, ruling 27).
 *
 * @throws TransformError `usage` when there are more processes than ranks, or they do not divide them
 */
export function divideRanks(ranks: number, processes: number): readonly Share[] {
  const isCount = Number.isSafeInteger(processes) && processes >= 1;
  if (!isCount || processes > ranks || ranks % processes !== 0) {
    const wanted = `transform_process_num ${processes} does not fit ${ranks} destination rank${ranks === 1 ? '' : 's'}`;
    throw new TransformError('usage', `${wanted}: it must be at least 1 and divide them (${divisors(ranks)})`);
  }
  const each = ranks / processes;
  return Array.from({ length: processes }, (_, i) => ({
    worker: i * each,
    ranks: Array.from({ length: each }, (_rank, j) => i * each + j),
  }));
}

function divisors(ranks: number): string {
  return Array.from({ length: ranks }, (_, i) => i + 1)
    .filter((i) => ranks % i === 0)
    .join(', ');
}
