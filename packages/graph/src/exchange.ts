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
      output.set(input);
      return undefined;
    case 'all-reduce':
      output.set(input);
      return peers.allReduce(group, output, reduce);
    case 'all-gather': {
      const inner = elementCount(shape.slice(axis));
      const parts = await peers.allGather(group, input);
      parts.forEach((part, rank) =>
        moveRows(
          { of: part, begin: 0, stride: inner },
          { of: output, begin: rank * inner, stride: inner * size },
          inner,
        ),
      );
      return;
    }
    case 'reduce-scatter': {
      const wide = elementCount(shape.slice(axis));
      const inner = wide / size;
      if (wide === input.length) return peers.reduceScatter(group, input, output);
      const byRank = new Float32Array(input.length);
      for (let rank = 0; rank < size; rank++) {
        const part = byRank.subarray(rank * output.length);
        moveRows({ of: input, begin: rank * inner, stride: wide }, { of: part, begin: 0, stride: inner }, inner);
      }
      return peers.reduceScatter(group, byRank, output);
    }
  }
}

/** Rows within an array: the first begins at `begin`, each other `stride` elements behind the one before. */
interface Rows {
  readonly of: Float32Array;
  readonly begin: number;
  readonly stride: number;
}

/** Copies rows of `length` elements until one of the two is through. */
function moveRows(from: Rows, to: Rows, length: number): void {
  for (let i = from.begin, j = to.begin; i < from.of.length && j < to.of.length; i += from.stride, j += to.stride) {
    to.of.set(from.of.subarray(i, i + length), j);
  }
}
