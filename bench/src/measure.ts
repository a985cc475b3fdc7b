/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Milliseconds a call takes. */
export async function timeOf(call: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await call();
  return performance.now() - begin;
}

/** One measured fact and the bound it is held against. */
export interface Finding {
  readonly what: string;
  readonly value: string;
  /** What the value is a ratio to, and the bound; null = only told. */
  readonly bound: string | null;
  readonly holds: boolean;
}

/** Findings as a Markdown table. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = findings.map(
    ({ what, value, bound, holds }) =>
      `| ${what} | ${value} | ${bound ?? ''} | ${bound === null ? '' : holds ? 'yes' : 'NO'} |`,
  );
  return ['| what | measured | bound | holds |', '|---|---|---|---|', ...rows].join('\n');
}
