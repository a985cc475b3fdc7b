import type { Box } from '@cairn/bytes';

/** The whole of a tensor. */
export function wholeBox(shape: readonly number[]): Box {
  return shape.map((size) => [0, size] as const);
}

/** Elements an axis. */
export function boxShape(box: Box): readonly number[] {
  return box.map(([begin, end]) => end - begin);
}

/** Elements in all; 1 for that of a scalar. */
export function boxElements(box: Box): number {
  return box.reduce((product, [begin, end]) => product * (end - begin), 1);
}

/** What two boxes share; null when nothing. */
export function intersection(a: Box, b: Box): Box | null {
  const shared: (readonly [number, number])[] = [];
  for (const [axis, [begin, end]] of a.entries()) {
    const [otherBegin, otherEnd] = b[axis]!;
    const from = Math.max(begin, otherBegin);
    const to = Math.min(end, otherEnd);
    if (from >= to) return null;
    shared.push([from, to]);
  }
  return shared;
}

/** Parts of `box` that none of `parts` covers: boxes that share no element. */
export function uncovered(box: Box, parts: readonly Box[]): readonly Box[] {
  if (boxElements(box) === 0) return [];
  let rest: readonly Box[] = [box];
  for (const part of parts) rest = rest.flatMap((each) => without(each, part));
  return rest;
}

/** A box without what another shares with it, in slabs axis by axis. */
function without(box: Box, other: Box): readonly Box[] {
  const shared = intersection(box, other);
  if (shared === null) return [box];
  const slabs: Box[] = [];
  const inner = [...box];
  for (const [axis, [begin, end]] of shared.entries()) {
    const [from, to] = box[axis]!;
    if (from < begin) slabs.push(inner.with(axis, [from, begin]));
    if (end < to) slabs.push(inner.with(axis, [end, to]));
    inner[axis] = [begin, end];
  }
  return slabs;
}

/** `[0:4096, 512:1024]`, as numpy writes it. */
export function boxText(box: Box): string {
  return `[${box.map(([begin, end]) => `${begin}:${end}`).join(', ')}]`;
}
