import { GraphError } from '../tensor.ts';
import type { Shape } from '../tensor.ts';
import { at } from './operator.ts';
import type { Operator } from './operator.ts';

/**
 * What the ranks of a group do together with one tensor each:
 *
 * - `all-reduce`: everyone gets the sum (or the maximum);
 * - `replicate`: everyone already has the same value; backward, their gradients are summed;
 * - `all-gather`: everyone gets all parts put together along `axis`;
 * - `reduce-scatter`: everyone gets its part along `axis` of the sum.
 */
export interface CollectiveAttributes {
  readonly kind: 'all-reduce' | 'replicate' | 'all-gather' | 'reduce-scatter';
  readonly reduce: 'sum' | 'max';
  readonly axis: number;
  /** Name of the group, e.g. `model` for tensor parallelism. */
  readonly group: string;
  /** Ranks in it; 1 makes the operator the identity. */
  readonly size: number;
}

/** The collective whose forward is the backward of another. */
const BACKWARD = {
  'all-reduce': 'replicate',
  replicate: 'all-reduce',
  'all-gather': 'reduce-scatter',
  'reduce-scatter': 'all-gather',
} as const;

/** Graphs are cut at collectives before they run, so this operator computes only where nothing moves. */
export const collective: Operator<CollectiveAttributes> = {
  shape: ([x = []], attributes) => collectiveShape(x, attributes),
  gradient(g, { attributes }, dy) {
    if (attributes.reduce === 'max') return [null];
    return [g.collective(dy, { ...attributes, kind: BACKWARD[attributes.kind] })];
  },
  compute(inputs, attributes) {
    alone(attributes);
    return Float32Array.from(at(inputs, 0).data);
  },
  onnx(_out, names, { attributes }) {
    alone(attributes);
    return at(names, 0);
  },
};

function alone({ kind, size }: CollectiveAttributes): void {
  if (size > 1 && kind !== 'replicate')
    throw new GraphError(`${kind} among ${size} ranks: cut the graph at its collectives first`);
}

/** Shape of what each rank has afterwards. */
function collectiveShape(shape: Shape, { kind, axis, size }: CollectiveAttributes): Shape {
  if (kind === 'all-gather') return shape.map((length, i) => (i === axis ? length * size : length));
  if (kind !== 'reduce-scatter') return shape;
  if (at(shape, axis) % size !== 0)
    throw new GraphError(`axis ${axis} of [${shape}] does not divide among ${size} ranks`);
  return shape.map((length, i) => (i === axis ? length / size : length));
}
