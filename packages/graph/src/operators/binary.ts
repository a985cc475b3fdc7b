import { elementCount } from '@cairn/bytes';
import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { broadcastShape, broadcastStrides, sameShape } from '../tensor.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { at } from './operator.ts';
import type { NoAttributes, Operator } from './operator.ts';

type Gradient = (g: GraphBuilder, a: Value, b: Value, dy: Value) => readonly [Value, Value];

/** An elementwise operator of two operands, which broadcast. */
function binary(onnxName: string, apply: (x: number, y: number) => number, gradient: Gradient): Operator<NoAttributes> {
  return {
    shape: ([a = [], b = []]) => broadcastShape(a, b),
    gradient(g, { inputs }, dy) {
      const [a, b] = [at(inputs, 0), at(inputs, 1)];
      const [da, db] = gradient(g, a, b, dy);
      return [g.sumTo(da, a.shape), g.sumTo(db, b.shape)];
    },
    compute: (inputs, _, shape) => elementwise(at(inputs, 0), at(inputs, 1), shape, apply),
    onnx: (out, names) => out.node(onnxName, names),
  };
}

function elementwise(a: Tensor, b: Tensor, shape: Shape, apply: (x: number, y: number) => number): Float32Array {
  const out = new Float32Array(elementCount(shape));
  if (sameShape(a.shape, b.shape)) {
    for (let i = 0; i < out.length; i++) out[i] = apply(a.data[i]!, b.data[i]!);
    return out;
  }
  const [stepsA, stepsB] = [broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape)];
  const walk = (axis: number, i: number, j: number, k: number): number => {
    if (axis === shape.length) {
      out[k] = apply(a.data[i]!, b.data[j]!);
      return k + 1;
    }
    let next = k;
    for (let n = 0; n < shape[axis]!; n++) next = walk(axis + 1, i + n * stepsA[axis]!, j + n * stepsB[axis]!, next);
    return next;
  };
  walk(0, 0, 0, 0);
  return out;
}

/** a + b, broadcast; each operand's gradient is dy, summed back to its shape. */
export const add: Operator<NoAttributes> = binary(
  'Add',
  (x, y) => x + y,
  (_g, _a, _b, dy) => [dy, dy],
);

/** a - b, broadcast. da = dy, db = -dy */
export const sub: Operator<NoAttributes> = binary(
  'Sub',
  (x, y) => x - y,
  (g, _a, _b, dy) => [dy, g.scale(dy, -1)],
);

/** a · b by elements, broadcast. da = dy·b, db = dy·a */
export const mul: Operator<NoAttributes> = binary(
  'Mul',
  (x, y) => x * y,
  (g, a, b, dy) => [g.mul(dy, b), g.mul(dy, a)],
);

/** a / b by elements, broadcast. d(a/b) = dy/b, -dy·a/b² */
export const div: Operator<NoAttributes> = binary(
  'Div',
  (x, y) => x / y,
  (g, a, b, dy) => {
    const da = g.div(dy, b);
    return [da, g.scale(g.div(g.mul(da, a), b), -1)];
  },
);
