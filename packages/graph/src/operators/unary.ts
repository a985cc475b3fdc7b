import type { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import type { OnnxNodes } from '../onnx/onnx-nodes.ts';
import { at } from './operator.ts';
import type { NoAttributes, Operator } from './operator.ts';

interface Unary<A> {
  readonly apply: (x: number, attributes: A) => number;
  /** Gradient of x, given x, the result y and the gradient of y. */
  readonly gradient: (g: GraphBuilder, v: { x: Value; y: Value; dy: Value; attributes: A }) => Value;
  readonly onnx: (out: OnnxNodes, x: string, attributes: A) => string;
}

function unary<A>({ apply, gradient, onnx }: Unary<A>): Operator<A> {
  return {
    shape: ([x = []]) => x,
    gradient: (g, { inputs, output, attributes }, dy) => [gradient(g, { x: at(inputs, 0), y: output, dy, attributes })],
    compute: ([x], attributes) => Float32Array.from(x?.data ?? [], (element) => apply(element, attributes)),
    onnx: (out, [x = ''], { attributes }) => onnx(out, x, attributes),
  };
}

/** x · by, `by` as float32. dx = dy·by */
export const scale: Operator<{ readonly by: number }> = unary({
  apply: (x, { by }) => x * Math.fround(by),
  gradient: (g, { dy, attributes }) => g.scale(dy, attributes.by),
  onnx: (out, x, { by }) => out.node('Mul', [x, out.float(by)]),
});

/** x + by, `by` as float32. dx = dy */
export const offset: Operator<{ readonly by: number }> = unary({
  apply: (x, { by }) => x + Math.fround(by),
  gradient: (_g, { dy }) => dy,
  onnx: (out, x, { by }) => out.node('Add', [x, out.float(by)]),
});

/** eˣ. dx = dy·y */
export const exp: Operator<NoAttributes> = unary({
  apply: (x) => Math.exp(x),
  gradient: (g, { y, dy }) => g.mul(dy, y),
  onnx: (out, x) => out.node('Exp', [x]),
});

/** Natural logarithm. dx = dy/x */
export const log: Operator<NoAttributes> = unary({
  apply: (x) => Math.log(x),
  gradient: (g, { x, dy }) => g.div(dy, x),
  onnx: (out, x) => out.node('Log', [x]),
});

/** √x. dx = dy/(2y) */
export const sqrt: Operator<NoAttributes> = unary({
  apply: (x) => Math.sqrt(x),
  gradient: (g, { y, dy }) => g.scale(g.div(dy, y), 0.5),
  onnx: (out, x) => out.node('Sqrt', [x]),
});

/** 1/x. dx = -dy·y² */
export const reciprocal: Operator<NoAttributes> = unary({
  apply: (x) => 1 / x,
  gradient: (g, { y, dy }) => g.scale(g.mul(dy, g.mul(y, y)), -1),
  onnx: (out, x) => out.node('Reciprocal', [x]),
});

/** σ(x) = 1/(1 + e⁻ˣ). dx = dy·σ(1 - σ) */
export const sigmoid: Operator<NoAttributes> = unary({
  apply: (x) => 1 / (1 + Math.exp(-x)),
  gradient: (g, { y, dy }) => g.mul(dy, g.mul(y, g.offset(g.scale(y, -1), 1))),
  onnx: (out, x) => out.node('Sigmoid', [x]),
});
