import type { GraphBuilder, RoundTo, Value } from '@cairn/graph';

/**
 * x·Wᵀ + b in the compute type: x [tokens, in], weight [out, in], bias [out] → [tokens, out].
 */
export function linear(g: GraphBuilder, x: Value, weight: Value, bias: Value | undefined, compute: RoundTo): Value {
  const product = g.round(g.matmul(x, g.round(weight, compute), { b: true }), compute);
  return bias === undefined ? product : g.round(g.add(product, g.round(bias, compute)), compute);
}
