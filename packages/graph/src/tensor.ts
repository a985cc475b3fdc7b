import { elementCount } from '@cairn/bytes';

/** Sizes of the axes, outermost first; [] is a scalar. */
export type Shape = readonly number[];

/** What a value's elements are: the device computes in float32; int32 are token ids and labels. */
export type Scalar = 'float32' | 'int32';

/** A tensor in memory, C order. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array;
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * The shape two operands broadcast to: aligned at the last axis, where a size 1 or an absent axis stretches.
 *
 * @throws GraphError when two sizes differ and neither is 1
 */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const axes = Math.max(a.length, b.length);
  return Array.from({ length: axes }, (_, axis) => {
    const x = a[axis - axes + a.length] ?? 1;
    const y = b[axis - axes + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new GraphError(`shapes [${a}] and [${b}] do not broadcast`);
    return Math.max(x, y);
  });
}

/** Step through a tensor of `shape` for each axis of `to`, 0 where it is stretched. */
export function broadcastStrides(shape: Shape, to: Shape): readonly number[] {
  const offset = to.length - shape.length;
  return to.map((_, axis) => {
    const own = axis - offset;
    return own < 0 || shape[own] === 1 ? 0 : elementCount(shape.slice(own + 1));
  });
}

/** A graph that cannot be built or cut: shapes that do not fit, an operator without a gradient. */
export class GraphError extends Error {
  readonly code = 'graph-invalid';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GraphError';
  }
}

/** Whether an error comes from this package. */
export function isGraphError(error: unknown): error is GraphError {
  return error instanceof Error && error.name === 'GraphError';
}
