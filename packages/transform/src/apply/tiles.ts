import type { Box } from '@cairn/bytes';

/**
 * Cuts a slice into boxes whose elements follow each other in the slice, from its first element to its last.
 *
 * @param box         where the slice lies in its tensor
 * @param maxElements of the next box, asked for before each; at least 1
 */
export function* tilesOf(box: Box, maxElements: () => number): Generator<Box, void> {
  if (box.some(([begin, end]) => begin === end)) return;
  yield* tilesBelow(box, 0, maxElements);
}

/** Tiles of a box of which the axes before `axis` are single indices. */
function* tilesBelow(box: Box, axis: number, maxElements: () => number): Generator<Box, void> {
  const inner = box.slice(axis + 1).reduce((product, [begin, end]) => product * (end - begin), 1);
  const [begin, end] = box[axis] ?? [0, 1];
  let at = begin;
  while (at < end) {
    const rows = Math.min(end - at, Math.floor(maxElements() / inner));
    if (rows > 0) {
      yield axis < box.length ? box.with(axis, [at, at + rows]) : box;
      at += rows;
    } else {
      yield* tilesBelow(box.with(axis, [at, at + 1]), axis + 1, maxElements);
      at += 1;
    }
  }
}
