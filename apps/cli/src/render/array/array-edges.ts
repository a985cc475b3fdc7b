/** Arrays of more elements are printed with their edges alone, as by numpy. */
const SUMMARY_ABOVE = 1000;
/** Items at each end of an axis of such an array. */
const EDGE_ITEMS = 3;
/** Even the edges of an array of many axes may be too many to print. */
const MAX_SHOWN = 100_000;

/** Which elements of an array are shown. */
export interface ArrayEdges {
  /** Runs [begin, end) of the flat array, ascending; what is shown, one after another. */
  readonly runs: readonly (readonly [begin: number, end: number])[];
  /** Elements that are shown, on each axis. */
  readonly shape: readonly number[];
  /** For each axis: behind how many of them something is left out; null when nothing is. */
  readonly gaps: readonly (number | null)[];
}

/** What is printed of an array of this shape; null when it is too much. */
export function edgesOf(shape: readonly number[]): ArrayEdges | null {
  const elements = shape.reduce((product, size) => product * size, 1);
  const cut = (size: number): boolean => elements > SUMMARY_ABOVE && size > 2 * EDGE_ITEMS;
  const shown = shape.map((size) => (cut(size) ? 2 * EDGE_ITEMS : size));
  if (shown.reduce((product, size) => product * size, 1) > MAX_SHOWN) return null;
  // Positions of the first element of each item of the axes so far, in units of those items.
  let starts = [0];
  for (const size of shape.slice(0, -1))
    starts = starts.flatMap((start) => indices(size, cut(size)).map((i) => start * size + i));
  const last = shape.at(-1) ?? 1;
  const runs = starts.flatMap((start) => {
    const begin = start * last;
    if (!cut(last)) return last === 0 ? [] : [[begin, begin + last] as const];
    return [[begin, begin + EDGE_ITEMS] as const, [begin + last - EDGE_ITEMS, begin + last] as const];
  });
  return { runs, shape: shown, gaps: shape.map((size) => (cut(size) ? EDGE_ITEMS : null)) };
}

function indices(size: number, isCut: boolean): number[] {
  if (!isCut) return Array.from({ length: size }, (_, i) => i);
  return Array.from({ length: 2 * EDGE_ITEMS }, (_, i) => (i < EDGE_ITEMS ? i : size - 2 * EDGE_ITEMS + i));
}
