import { elementCount } from '@cairn/bytes';
import { broadcastStrides } from '../tensor.ts';
import { at } from './operator.ts';
import type { NoAttributes, Operator } from './operator.ts';

/** Sum over axes, which stay with size 1. */
export const sum: Operator<{ readonly axes: readonly number[] }> = {
  shape: ([x = []], { axes }) => x.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  gradient: (g, { inputs }, dy) => [g.broadcast(dy, at(inputs, 0).shape)],
  compute(inputs, _, shape) {
    const x = at(inputs, 0);
    const totals = new Float64Array(elementCount(shape));
    const steps = broadcastStrides(shape, x.shape);
    let from = 0;
    const walk = (axis: number, to: number): void => {
      if (axis === x.shape.length) totals[to]! += x.data[from++]!;
      else for (let n = 0; n < x.shape[axis]!; n++) walk(axis + 1, to + n * steps[axis]!);
    };
    walk(0, 0);
    return Float32Array.from(totals);
  },
  onnx: (out, [x = ''], { attributes }) => out.node('ReduceSum', [x, out.ints(attributes.axes)], { keepdims: 1 }),
};

/** Maximum over the last axis, which stays with size 1. Used only where its gradient cancels. */
export const max: Operator<NoAttributes> = {
  shape: ([x = []]) => [...x.slice(0, -1), 1],
  gradient: () => [null],
  compute(inputs, _, shape) {
    const x = at(inputs, 0);
    const width = x.shape.at(-1) ?? 1;
    return Float32Array.from({ length: elementCount(shape) }, (_row, row) =>
      largest(x.data.subarray(row * width, (row + 1) * width)),
    );
  },
  onnx: (out, [x = '']) => out.node('ReduceMax', [x, out.ints([-1])], { keepdims: 1 }),
};

/** Over the last axis, the row maximum subtracted first. dx = (dy - Σ dy·y)·y */
export const softmax: Operator<NoAttributes> = {
  shape: ([x = []]) => x,
  gradient(g, { output: y }, dy) {
    const weighted = g.sum(g.mul(dy, y), [y.shape.length - 1]);
    return [g.mul(g.sub(dy, weighted), y)];
  },
  compute(inputs, _, shape) {
    const x = at(inputs, 0);
    const width = shape.at(-1) ?? 1;
    const out = new Float32Array(x.data.length);
    for (let begin = 0; begin < out.length; begin += width) {
      out.set(softmaxRow(x.data.subarray(begin, begin + width)), begin);
    }
    return out;
  },
  onnx: (out, names) => out.node('Softmax', names, { axis: -1 }),
};

/** The largest element of a row; NaN when it holds one. */
export function largest(row: Iterable<number>): number {
  let top = -Infinity;
  for (const x of row) top = Math.max(top, x);
  return top;
}

/** exp(x - max) / Σ of one row. */
export function softmaxRow(row: Float32Array | Int32Array): Float64Array {
  const top = largest(row);
  const powers = Float64Array.from(row, (x) => Math.exp(x - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}
