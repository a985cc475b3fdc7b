import type { Value } from '@cairn/graph';
import { headWidth } from '../llama.ts';
import { attention } from './attention.ts';
import { enterWeights, leaveWeights } from './flow.ts';
import { linear } from './linear.ts';
import { rmsNorm } from './rms-norm.ts';
import type { Scope } from './scope.ts';

/**
 * One decoder layer on one rank: x [flow tokens, hidden], mask [rows, 1, own tokens, seq] → [flow tokens, hidden].
 *
 * A rank has heads / ranks heads and ffn / ranks feed-forward channels; what they add up to is summed over the ranks
 * once behind each half.
 */
export function decoderLayer(scope: Scope, layer: number, x: Value, mask: Value): Value {
  const { g, spec } = scope;
  const { residual } = spec.precision;
  const h = g.round(g.add(x, attentionHalf(scope, layer, x, mask)), residual);
  return g.round(g.add(h, feedForwardHalf(scope, layer, h)), residual);
}

/** x → norm → heads of this rank → output projection, summed over the ranks. */
function attentionHalf(scope: Scope, layer: number, x: Value, mask: Value): Value {
  const { g, spec, place } = scope;
  const { tensor } = place;
  const { compute } = spec.precision;
  const prefix = `model.layers.${layer}.`;
  const width = headWidth(spec);
  const own = (spec.heads / tensor.size) * width;
  const ownKv = (spec.kvHeads / tensor.size) * width;
  const bias = (name: string, size: number, wanted: boolean): Value | undefined =>
    wanted ? g.input(`${prefix}attention.${name}.bias`, [size]) : undefined;

  const normed = rmsNorm(g, x, g.input(`${prefix}attention_norm.weight`, [spec.hidden]), spec);
  const entered = enterWeights(scope, normed);
  const project = (name: string, size: number): Value => {
    const weight = g.input(`${prefix}attention.${name}.weight`, [size, spec.hidden]);
    return linear(g, entered, weight, bias(name, size, spec.qkvBias), compute);
  };
  const mixed = attention(scope, { q: project('wq', own), k: project('wk', ownKv), v: project('wv', ownKv), mask });
  const output = g.input(`${prefix}attention.wo.weight`, [spec.hidden, own]);
  const summed = leaveWeights(scope, linear(g, mixed, output, undefined, compute));
  const outputBias = bias('wo', spec.hidden, spec.outputBias);
  return outputBias ? g.round(g.add(summed, g.round(outputBias, compute)), compute) : summed;
}

/** (silu(f·W1ᵀ) · (f·W3ᵀ))·W2ᵀ of the normed value, summed over the ranks. */
function feedForwardHalf(scope: Scope, layer: number, h: Value): Value {
  const { g, spec, place } = scope;
  const { compute } = spec.precision;
  const prefix = `model.layers.${layer}.`;
  const own = spec.ffn / place.tensor.size;
  const f = enterWeights(scope, rmsNorm(g, h, g.input(`${prefix}ffn_norm.weight`, [spec.hidden]), spec));
  const weight = (name: string, shape: readonly [number, number]): Value =>
    g.input(`${prefix}feed_forward.${name}.weight`, shape);
  const gate = linear(g, f, weight('w1', [own, spec.hidden]), undefined, compute);
  const up = linear(g, f, weight('w3', [own, spec.hidden]), undefined, compute);
  const silu = g.round(g.mul(gate, g.sigmoid(gate)), compute);
  const gated = g.round(g.mul(silu, up), compute);
  return leaveWeights(scope, linear(g, gated, weight('w2', [spec.hidden, own]), undefined, compute));
}
