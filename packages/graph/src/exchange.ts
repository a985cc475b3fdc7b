import { elementCount } from '@cairn/bytes';
import type { CollectiveAttributes } from './operators/collective.ts';
import type { Peers } from './peers.ts';
import type { Shape } from './tensor.ts';

/**
 * What the ranks of a group do together with one tensor each.
 *
 * @param input  this rank's tensor, of shape `shape`
 * @param output gets the result; as long as the operator's output
 */
export async function exchange(
  peers: Peers,
  { kind, reduce, axis, group, size }: CollectiveAttributes,
  input: Float32Array,
  shape: Shape,
  output: Float32Array,
): Promise<void> {
  switch (kind) {
    case 'replicate':
      return void output.set(input);
    case 'all-reduce':
      output.set(input);
      return peers.allReduce(group, output, reduce);
    case 'all-gather': {
      const inner = elementCount(shape.slice(axis));
      const parts = await peers.allGather(group, input);
      parts.forEach((part, rank) => moveRows(part, 0, inner, output, rank * inner, inner * size, inner));
      return;
    }
    case 'reduce-scatter': {
      const wide = elementCount(shape.slice(axis));
      const inner = wide / size;
      if (wide === input.length) return peers.reduceScatter(group, input, output);
      const byRank = new Float32Array(input.length);
      for (let rank = 0; rank < size; rank++) {
        moveRows(input, rank * inner, wide, byRank.subarray(rank * output.length), 0, inner, inner);
      }
      return peers.reduceScatter(group, byRank, output);
    }
  }
}

/** Copies rows of `length` elements, each `stride` behind the one before, until one of the two is through. */
function moveRows(
  from: Float32Array,
  fromBegin: number,
  fromStride: number,
  to: Float32Array,
  toBegin: number,
  toStride: number,
  length: number,
): void {
  for (let i = fromBegin, j = toBegin; i < from.length && j < to.length; i += fromStride, j += toStride) {
    to.set(from.subarray(i, i + length), j);
  }
}
