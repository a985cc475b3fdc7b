import type { Box } from '@cairn/bytes';

/** A part of a slice whose elements lie one after another in the slice. */
export interface SlicePiece {
  /** First element, counted over the flat slice. */
  readonly begin: number;
  readonly elements: number;
  /** Where the part lies in the full tensor. */
  readonly box: Box;
}

/**
 * Cuts a slice of a tensor into parts that can be read and digested one at a time: boxes again, in the order of the
 * slice's elements, each as large as `maxElements` allows.
 *
 * @param box where the slice lies in the full tensor
 */
export function* slicePieces(box: Box, maxElements: number): Generator<SlicePiece, void> {
  const sizes = box.map(([begin, end]) => end - begin);
  if (sizes.includes(0)) return;
  // Axes behind `axis` are taken whole; together they fit, with `axis` they may not.
  let axis = Math.max(0, sizes.length - 1);
  let inner = 1;
  while (axis > 0 && inner * sizes[axis]! <= maxElements) inner *= sizes[axis--]!;
  yield* piecesBelow(box, { axis, inner, step: Math.max(1, Math.floor(maxElements / inner)) }, [], 0);
}

interface Cut {
  /** The axis that is cut into runs of `step`; those before it are taken one index at a time. */
  readonly axis: number;
  /** Elements of the slice for one index of `axis`. */
  readonly inner: number;
  readonly step: number;
}

function* piecesBelow(box: Box, cut: Cut, fixed: Box, first: number): Generator<SlicePiece, number> {
  const [begin, end] = box[fixed.length] ?? [0, 1];
  let at = first;
  const isCut = fixed.length === cut.axis;
  for (let i = begin; i < end; i += isCut ? cut.step : 1) {
    const range = [i, isCut ? Math.min(end, i + cut.step) : i + 1] as const;
    if (isCut) {
      const elements = (range[1] - range[0]) * cut.inner;
      yield { begin: at, elements, box: [...fixed, range, ...box.slice(cut.axis + 1)].slice(0, box.length) };
      at += elements;
    } else {
      at = yield* piecesBelow(box, cut, [...fixed, range], at);
    }
  }
  return at;
}
