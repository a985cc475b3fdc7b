import type { Value } from '@cairn/graph';
import { headWidth } from '../llama.ts';
import { rotary } from './rotary.ts';
import { ownTokens } from '../rank-place.ts';
import { CONTEXT_GROUP, gather } from '../rank-share.ts';
import type { Scope } from './scope.ts';

/** What is added to the score of a key that may not be seen. */
const BLOCKED = -10_000;

/** What attention reads: the projections before the rotation, and the mask. */
export interface AttentionInputs {
  /** Projections of this rank's heads, each [tokens, heads · headWidth]. */
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
  /** Added to the scores, [rows, 1, own tokens, seq]. */
  readonly mask: Value;
}

/**
 * softmax(q·kᵀ / √headWidth + mask)·v for grouped heads → [tokens, heads · headWidth].
 *
 * Query heads g·n … g·n + n - 1 share key/value head g; they lie next to each other, so a group is one taller matrix
 * and nothing is repeated. A rank that has only part of each row's tokens gathers the keys and values of all.
 */
export function attention({ g, spec, place }: Scope, { q, k, v, mask }: AttentionInputs): Value {
  const { compute, softmax } = spec.precision;
  const width = headWidth(spec);
  const { rows, context } = place;
  const seq = spec.seqLength;
  const own = ownTokens(spec, place);
  const heads = (q.shape[1] ?? 0) / width;
  const kvHeads = (k.shape[1] ?? 0) / width;
  const cos = g.input('cos', [1, 1, own, width]);
  const sin = g.input('sin', [1, 1, own, width]);
  const apart = (x: Value, count: number): Value => g.transpose(g.reshape(x, [rows, own, count, width]), [0, 2, 1, 3]);
  const all = (x: Value): Value => gather(g, x, 2, CONTEXT_GROUP, context);

  // [rows, kvHeads, group · own, headWidth]
  const queries = g.reshape(rotary(g, apart(q, heads), cos, sin, spec), [
    rows,
    kvHeads,
    (heads / kvHeads) * own,
    width,
  ]);
  const keys = all(rotary(g, apart(k, kvHeads), cos, sin, spec));
  const values = all(apart(v, kvHeads));
  // [rows, heads, own, seq]
  const products = g.reshape(g.round(g.matmul(queries, keys, { b: true }), compute), [rows, heads, own, seq]);
  const scaled = g.round(g.scale(products, 1 / Math.sqrt(width)), compute);
  const scores = g.round(g.round(g.add(scaled, mask), compute), softmax);
  const weights = g.round(g.round(g.softmax(scores), softmax), compute);
  const mixed = g.round(g.matmul(g.reshape(weights, [rows, kvHeads, (heads / kvHeads) * own, seq]), values), compute);
  return g.reshape(g.transpose(g.reshape(mixed, [rows, heads, own, width]), [0, 2, 1, 3]), [rows * own, heads * width]);
}

/**
 * The mask of a unit, [rows, 1, own tokens, seq]: 0 where a key is seen, -10000 where it lies ahead or is padding.
 *
 * `causal` [1, 1, own tokens, seq] is 1 on and below the diagonal, `real` [rows, 1, 1, seq] is 0 for padding.
 */
export function attentionMask({ g, spec, place }: Scope): Value {
  const seq = spec.seqLength;
  const causal = g.input('causal', [1, 1, ownTokens(spec, place), seq]);
  const seen = g.mul(causal, g.input('real', [place.rows, 1, 1, seq]));
  return g.scale(g.offset(g.scale(seen, -1), 1), BLOCKED);
}

/** 1 on and below the diagonal of [seq, seq]. */
export function causalTable(seq: number): Float32Array {
  return Float32Array.from({ length: seq * seq }, (_, i) => (i % seq <= Math.floor(i / seq) ? 1 : 0));
}
