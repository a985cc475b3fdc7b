import type { Box } from '@cairn/bytes';

/** One loop of a copy: how often, and how far it goes on either side each time, in elements. */
export interface RunLoop {
  readonly count: number;
  readonly fromStep: number;
  readonly toStep: number;
}

/** A copy of a box as runs of elements that lie one after another on both sides. */
export interface Runs {
  /** Elements of a run. */
  readonly run: number;
  /** Loops around the run, innermost first. */
  readonly loops: readonly RunLoop[];
  /** First element, counted over the flat source and the flat destination. */
  readonly from: number;
  readonly to: number;
}

/**
 * How a box is copied from one slice of its tensor to another: the longest runs there are, and the fewest loops.
 *
 * @param box  inside of both slices
 * @param from slice that is copied from, stored in C order
 * @param to   slice that is copied to
 */
export function runsBetween(box: Box, from: Box, to: Box): Runs {
  let run = 1;
  let fromStep = 1;
  let toStep = 1;
  let fromBegin = 0;
  let toBegin = 0;
  const loops: RunLoop[] = [];
  for (let axis = box.length - 1; axis >= 0; axis--) {
    const [begin, end] = box[axis]!;
    const [fromFirst, fromEnd] = from[axis]!;
    const [toFirst, toEnd] = to[axis]!;
    fromBegin += (begin - fromFirst) * fromStep;
    toBegin += (begin - toFirst) * toStep;
    const count = end - begin;
    if (loops.length === 0 && fromStep === run && toStep === run) run *= count;
    else if (count !== 1) addLoop(loops, { count, fromStep, toStep });
    fromStep *= fromEnd - fromFirst;
    toStep *= toEnd - toFirst;
  }
  return { run, loops, from: fromBegin, to: toBegin };
}

/** Two loops that go on where the other ends are one. */
function addLoop(loops: RunLoop[], outer: RunLoop): void {
  const inner = loops.at(-1);
  const joins =
    inner !== undefined &&
    inner.count * inner.fromStep === outer.fromStep &&
    inner.count * inner.toStep === outer.toStep;
  if (joins) loops[loops.length - 1] = { ...inner, count: inner.count * outer.count };
  else loops.push(outer);
}
