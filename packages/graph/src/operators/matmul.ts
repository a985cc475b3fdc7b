import { elementCount } from '@cairn/bytes';
import { GraphError, sameShape } from '../tensor.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { at } from './operator.ts';
import type { Operator } from './operator.ts';

/** Which operands are stored with their last two axes exchanged. */
export interface MatmulAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** [..., m, k] · [..., k, n] → [..., m, n]; a transposed operand is stored [..., k, m] or [..., n, k]. */
export const matmul: Operator<MatmulAttributes> = {
  shape([a = [], b = []], attributes) {
    const { lead, m, k, n, kB } = sizes(a, b, attributes);
    if (k !== kB || !sameShape(lead, b.slice(0, -2)) || a.length < 2 || b.length < 2) {
      throw new GraphError(`matmul of [${a}] and [${b}] (${JSON.stringify(attributes)})`);
    }
    return [...lead, m, n];
  },

  /** y = A·B: dA = dy·Bᵀ, dB = Aᵀ·dy, each written so that no operand has to be transposed in memory. */
  gradient(g, { inputs, attributes: { transposeA, transposeB } }, dy) {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    return [
      transposeA ? g.matmul(b, dy, { a: transposeB, b: true }) : g.matmul(dy, b, { b: !transposeB }),
      transposeB ? g.matmul(dy, a, { a: true, b: transposeA }) : g.matmul(a, dy, { a: !transposeA }),
    ];
  },

  compute: (inputs, attributes, shape) => multiply(at(inputs, 0), at(inputs, 1), attributes, shape),

  onnx(out, names, { inputs, attributes: { transposeA, transposeB } }) {
    const flags = { transA: Number(transposeA), transB: Number(transposeB) };
    return at(inputs, 0).shape.length === 2
      ? out.node('Gemm', names, flags)
      : out.node('FusedMatMul', names, flags, 'com.microsoft');
  },

  onnxOnto(out, base, names, { inputs, attributes: { transposeA, transposeB } }) {
    if (at(inputs, 0).shape.length !== 2) return null;
    return out.node('Gemm', [...names, base], { transA: Number(transposeA), transB: Number(transposeB) });
  },
};

function sizes(a: Shape, b: Shape, { transposeA, transposeB }: MatmulAttributes) {
  const [rowsA = 0, columnsA = 0] = a.slice(-2);
  const [rowsB = 0, columnsB = 0] = b.slice(-2);
  return {
    lead: a.slice(0, -2),
    m: transposeA ? columnsA : rowsA,
    k: transposeA ? rowsA : columnsA,
    kB: transposeB ? columnsB : rowsB,
    n: transposeB ? rowsB : columnsB,
  };
}

/** Sums in float64, rounds once: closer to the true value than any device, so a fair judge of all. */
function multiply(a: Tensor, b: Tensor, attributes: MatmulAttributes, shape: Shape): Float32Array {
  const { lead, m, k, n } = sizes(a.shape, b.shape, attributes);
  const [stepRowA, stepKA] = attributes.transposeA ? [1, m] : [k, 1];
  const [stepKB, stepColumnB] = attributes.transposeB ? [1, k] : [n, 1];
  const out = new Float32Array(elementCount(shape));
  for (let batch = 0; batch < elementCount(lead); batch++) {
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = 0;
        let i = batch * m * k + row * stepRowA;
        let j = batch * k * n + column * stepColumnB;
        for (let step = 0; step < k; step++, i += stepKA, j += stepKB) sum += a.data[i]! * b.data[j]!;
        out[(batch * m + row) * n + column] = sum;
      }
    }
  }
  return out;
}
