import { elementCount } from '@cairn/bytes';
import { broadcastShape, broadcastStrides, GraphError, sameShape } from '../tensor.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { at } from './operator.ts';
import type { NoAttributes, Operator } from './operator.ts';

/** The same elements under another shape. */
export const reshape: Operator<{ readonly shape: Shape }> = {
  shape([x = []], { shape }) {
    if (elementCount(x) !== elementCount(shape)) throw new GraphError(`[${x}] cannot be reshaped to [${shape}]`);
    return shape;
  },
  gradient: (g, { inputs }, dy) => [g.reshape(dy, at(inputs, 0).shape)],
  compute: ([x]) => Float32Array.from(x?.data ?? []),
  onnx: (out, [x = ''], { attributes }) => out.node('Reshape', [x, out.ints(attributes.shape)]),
};

/** Axis i of the result is axis order[i] of the operand. */
export const transpose: Operator<{ readonly order: readonly number[] }> = {
  shape: ([x = []], { order }) => order.map((axis) => at(x, axis)),
  gradient: (g, { attributes: { order } }, dy) => [
    g.transpose(
      dy,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ],
  compute(inputs, { order }, shape) {
    const x = at(inputs, 0);
    const own = broadcastStrides(x.shape, x.shape);
    return strided(
      x,
      shape,
      order.map((axis) => at(own, axis)),
    );
  },
  onnx: (out, names, { attributes }) => out.node('Transpose', names, { perm: attributes.order }),
};

/** Repeats along axes of size 1 and new leading axes. */
export const broadcast: Operator<{ readonly shape: Shape }> = {
  shape([x = []], { shape }) {
    if (!sameShape(broadcastShape(x, shape), shape)) throw new GraphError(`[${x}] does not broadcast to [${shape}]`);
    return shape;
  },
  gradient: (g, { inputs }, dy) => [g.sumTo(dy, at(inputs, 0).shape)],
  compute: (inputs, _, shape) => strided(at(inputs, 0), shape, broadcastStrides(at(inputs, 0).shape, shape)),
  onnx: (out, [x = ''], { attributes }) => out.node('Expand', [x, out.ints(attributes.shape)]),
};

/** Rows begin ≤ row < end of axis 0; integers stay integers. */
export const slice: Operator<{ readonly begin: number; readonly end: number }> = {
  shape([x = []], { begin, end }) {
    const rows = at(x, 0);
    if (begin < 0 || begin >= end || end > rows) throw new GraphError(`[${x}] has no rows ${begin} to ${end}`);
    return [end - begin, ...x.slice(1)];
  },
  gradient: (g, { inputs, attributes: { begin } }, dy) => [
    g.apply('pad', [dy], { before: begin, rows: at(at(inputs, 0).shape, 0) }),
  ],
  compute(inputs, { begin, end }) {
    const x = at(inputs, 0);
    const width = elementCount(x.shape.slice(1));
    return x.data.slice(begin * width, end * width);
  },
  onnx: (out, [x = ''], { attributes: { begin, end } }) =>
    out.node('Slice', [x, out.ints([begin]), out.ints([end]), out.ints([0])]),
};

/** Puts rows of zeros around x so that it begins at row `before` of `rows`. */
export const pad: Operator<{ readonly before: number; readonly rows: number }> = {
  shape: ([x = []], { rows }) => [rows, ...x.slice(1)],
  gradient: (g, { inputs, attributes: { before } }, dy) => [g.slice(dy, before, before + at(at(inputs, 0).shape, 0))],
  compute(inputs, { before }, shape) {
    const out = new Float32Array(elementCount(shape));
    out.set(at(inputs, 0).data, before * elementCount(shape.slice(1)));
    return out;
  },
  onnx(out, [x = ''], { inputs, output, attributes: { before, rows } }) {
    const axes = output.shape.length;
    const pads = Array<number>(2 * axes).fill(0);
    pads[0] = before;
    pads[axes] = rows - before - at(at(inputs, 0).shape, 0);
    return out.node('Pad', [x, out.ints(pads)]);
  },
};

/** Halves x1, x2 of the last axis → [-x2, x1]; turned back by doing it three more times, i.e. by its negative. */
export const rotateHalf: Operator<NoAttributes> = {
  shape: ([x = []]) => x,
  gradient: (g, _, dy) => [g.scale(g.rotateHalf(dy), -1)],
  compute([x], _, shape) {
    const width = shape.at(-1) ?? 0;
    const half = width / 2;
    return Float32Array.from(x?.data ?? [], (_element, i) =>
      i % width < half ? -x!.data[i + half]! : x!.data[i - half]!,
    );
  },
  onnx(out, names, { output }) {
    const half = (output.shape.at(-1) ?? 0) / 2;
    const part = (begin: number): string =>
      out.node('Slice', [at(names, 0), out.ints([begin]), out.ints([begin + half]), out.ints([-1])]);
    return out.node('Concat', [out.node('Neg', [part(half)]), part(0)], { axis: -1 });
  },
};

/** Reads a tensor with the given step for each axis of the result. */
function strided(x: Tensor, shape: Shape, steps: readonly number[]): Float32Array {
  const out = new Float32Array(elementCount(shape));
  const walk = (axis: number, from: number, to: number): number => {
    if (axis === shape.length) {
      out[to] = x.data[from]!;
      return to + 1;
    }
    let next = to;
    for (let n = 0; n < shape[axis]!; n++) next = walk(axis + 1, from + n * steps[axis]!, next);
    return next;
  };
  walk(0, 0, 0);
  return out;
}
