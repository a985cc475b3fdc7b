import type { GraphBuilder, Value } from '@cairn/graph';
import type { LlamaSpec } from '../llama.ts';

/** x / √(mean(x²) + eps) · weight: x [tokens, hidden], weight [hidden] → [tokens, hidden] in the compute type. */
export function rmsNorm(g: GraphBuilder, x: Value, weight: Value, spec: LlamaSpec): Value {
  const { compute, layernorm, fusedNorm } = spec.precision;
  const wide = g.round(x, layernorm);
  const meanSquare = g.mean(g.mul(wide, wide));
  const unit = g.mul(wide, g.reciprocal(g.sqrt(g.offset(meanSquare, spec.normEps))));
  if (fusedNorm) return g.round(g.round(g.mul(unit, weight), layernorm), compute);
  return g.round(g.mul(g.round(g.round(unit, layernorm), compute), g.round(weight, compute)), compute);
}
