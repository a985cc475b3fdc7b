import type { Box } from '@cairn/bytes';
import { boxElements, boxShape, boxText, uncovered, wholeBox } from './box.ts';
import type { CutFeeds, Feed } from './cut-feeds.ts';
import type { TensorOrigin } from './tensor-origins.ts';
import { TransformError } from './transform-error.ts';
import type { PlannedTensor, Take } from './transform-plan.ts';

/** A destination file for which tensors are planned. */
export interface CutTarget {
  readonly rank: number;
  /** Rank within its stage: replicas are chosen by it, so that ranks read from different files. */
  readonly local: number;
  /** Source files that the destination file reads from so far; preferred, and added to. */
  readonly opened: Set<number>;
}

/**
 * Plans the slice of a tensor that both sides list: from which stored slices it is put together.
 *
 * @param origins the stages that have it, lowest first
 * @param box     the slice, in the full tensor; equal slices are the same object
 * @throws TransformError `incomplete` when elements of it lie in no file
 */
export function cutTensor(
  name: string,
  origins: readonly TensorOrigin[],
  box: Box,
  target: CutTarget,
  feeds: CutFeeds,
): PlannedTensor {
  let failure: TransformError | null = null;
  for (const origin of origins) {
    const { layout, full, dtype } = origin;
    const fed = proven(feeds.of(layout, full, box), box, name, target.rank);
    const lacking = fed.find(({ group }) => !group.locals.some((local) => origin.slices[local] !== undefined));
    if (lacking === undefined) {
      const takes = fed.map((feed) => takeFrom(feed, origin, target));
      return { kind: 'tensor', name, dtype, shape: boxShape(box), full, box, takes, passed: null };
    }
    failure ??= missing(name, target.rank, origin, lacking);
  }
  throw failure ?? new TransformError('incomplete', `${name} is in no source file`, { tensor: name });
}

/** One of the ranks that hold a slice: whose file is read anyway, or by turns. */
function takeFrom({ group, box }: Feed, { slices }: TensorOrigin, { local, opened }: CutTarget): Take {
  const held = group.locals.flatMap((each) => slices[each] ?? []);
  const from = held.find(({ source }) => opened.has(source)) ?? held[local % held.length]!;
  opened.add(from.source);
  return { from, box };
}

const known = new WeakSet<readonly Feed[]>();

/** Every element of the slice comes from exactly one source slice: proven once for all tensors of these feeds. */
function proven(feeds: readonly Feed[], box: Box, tensor: string, rank: number): readonly Feed[] {
  if (known.has(feeds)) return feeds;
  const boxes = feeds.map((feed) => feed.box);
  const elements = boxes.reduce((sum, each) => sum + boxElements(each), 0);
  const [gap] = uncovered(box, boxes);
  if (gap !== undefined || elements !== boxElements(box)) {
    const what = gap === undefined ? 'elements come from two source slices' : `${boxText(gap)} comes from nowhere`;
    throw new TransformError('refused', `rank ${rank}: ${tensor}: ${what}: the source layout is not sound`, {
      rank,
      tensor,
    });
  }
  known.add(feeds);
  return feeds;
}

function missing(tensor: string, rank: number, { stage, full }: TensorOrigin, { group, box }: Feed): TransformError {
  const holders = `${group.locals.length > 1 ? 'none of the ranks' : 'not by rank'} ${group.locals.join(', ')}`;
  const whole = boxText(wholeBox(full));
  const message = `rank ${rank}: ${tensor} ${boxText(box)} of ${whole} is held by no source file: ${holders} of stage ${stage}`;
  return new TransformError('incomplete', `${message}; put the missing file back, or name the right strategy`, {
    rank,
    tensor,
  });
}
