/** The forward pass of a decoder in plain loops over plain arrays, from the formulas alone (qwen-llama-data §3). */
import { roundTo } from '@cairn/bytes';
import type { RoundTo } from '@cairn/graph';
import type { LlamaSpec } from '../src/index.ts';

type Row = readonly number[];
type Matrix = readonly Row[];

/** Parameters by name, C order. */
export type Weights = ReadonlyMap<string, Float32Array>;

/**
 * -log of the probability of each label.
 *
 * @param ids one row of seq + 1 token ids
 * @returns one number for each of seq positions
 */
export function naiveLosses(spec: LlamaSpec, weights: Weights, ids: Row): Row {
  const { compute, residual } = spec.precision;
  const tokens = ids.slice(0, -1);
  const table = matrixOf(weights, 'model.tok_embeddings.embedding_weight', spec.hidden);
  let x: Matrix = tokens.map((id) => rounded(compute, table[id]!));
  for (let layer = 0; layer < spec.layers; layer++) {
    const at = `model.layers.${layer}.`;
    const normed = x.map((row) => norm(spec, row, weights.get(`${at}attention_norm.weight`)!));
    const mixed = attention(spec, weights, `${at}attention.`, normed, tokens);
    const h = x.map((row, i) => rounded(residual, plus(row, linear(spec, weights, `${at}attention.wo`, mixed[i]!))));
    x = h.map((row) => {
      const f = norm(spec, row, weights.get(`${at}ffn_norm.weight`)!);
      return rounded(residual, plus(row, feedForward(spec, weights, `${at}feed_forward.`, f)));
    });
  }
  return x.map((row, i) => {
    const last = norm(spec, row, weights.get('model.norm_out.weight')!);
    const head = spec.tiedEmbedding ? 'model.tok_embeddings.embedding_weight' : 'lm_head.weight';
    const logits = product(spec, matrixOf(weights, head, spec.hidden), last);
    return Math.log(total(logits.map(Math.exp))) - logits[ids[i + 1]!]!;
  });
}

function attention(spec: LlamaSpec, weights: Weights, at: string, x: Matrix, tokens: Row): Matrix {
  const { compute, softmax } = spec.precision;
  const width = spec.hidden / spec.heads;
  const queries = x.map((row) => linear(spec, weights, `${at}wq`, row));
  const keys = x.map((row) => linear(spec, weights, `${at}wk`, row));
  const values = x.map((row) => linear(spec, weights, `${at}wv`, row));
  const part = (row: Row, head: number): Row => row.slice(head * width, (head + 1) * width);
  return queries.map((query, i) =>
    Array.from({ length: spec.heads }, (_, head) => {
      const shared = Math.floor(head / (spec.heads / spec.kvHeads));
      const q = rotated(spec, part(query, head), i);
      const scores = keys.map((key, j) => {
        const k = rotated(spec, part(key, shared), j);
        const scaled = round(compute, round(compute, dot(q, k)) / Math.sqrt(width));
        const seen = j <= i && tokens[j] !== spec.padTokenId;
        return round(softmax, round(compute, scaled + (seen ? 0 : -10_000)));
      });
      const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
      const shares = powers.map((power) => round(compute, round(softmax, power / total(powers))));
      return Array.from({ length: width }, (_channel, c) =>
        round(compute, total(shares.map((share, j) => share * part(values[j]!, shared)[c]!))),
      );
    }).flat(),
  );
}

/** Pairs of channels (c, c + width / 2) turned by position · theta^(-2c / width). */
function rotated(spec: LlamaSpec, x: Row, position: number): Row {
  const { rotary, compute } = spec.precision;
  const half = x.length / 2;
  const own = rounded(rotary, x);
  return x.map((_, c) => {
    const angle = position * spec.theta ** ((-2 * (c % half)) / x.length);
    const [cos, sin] = [round(rotary, Math.cos(angle)), round(rotary, Math.sin(angle))];
    const partner = c < half ? -own[c + half]! : own[c - half]!;
    return round(compute, round(rotary, own[c]! * cos + partner * sin));
  });
}

function feedForward(spec: LlamaSpec, weights: Weights, at: string, x: Row): Row {
  const { compute } = spec.precision;
  const up = linear(spec, weights, `${at}w3`, x);
  const gated = linear(spec, weights, `${at}w1`, x).map((gate, i) => {
    const silu = round(compute, gate / (1 + Math.exp(-gate)));
    return round(compute, silu * up[i]!);
  });
  return linear(spec, weights, `${at}w2`, gated);
}

function norm(spec: LlamaSpec, row: Row, weight: Float32Array): Row {
  const { compute, layernorm, fusedNorm } = spec.precision;
  const x = rounded(layernorm, row);
  const root = Math.sqrt(dot(x, x) / x.length + spec.normEps);
  return x.map((value, i) => {
    if (fusedNorm) return round(compute, round(layernorm, (value / root) * weight[i]!));
    return round(compute, round(compute, round(layernorm, value / root)) * round(compute, weight[i]!));
  });
}

function linear(spec: LlamaSpec, weights: Weights, name: string, x: Row): Row {
  const { compute } = spec.precision;
  const y = product(spec, matrixOf(weights, `${name}.weight`, x.length), x);
  const bias = weights.get(`${name}.bias`);
  return bias === undefined ? y : y.map((value, i) => round(compute, value + round(compute, bias[i]!)));
}

function product({ precision: { compute } }: LlamaSpec, matrix: Matrix, x: Row): Row {
  return matrix.map((row) => round(compute, dot(rounded(compute, row), x)));
}

function matrixOf(weights: Weights, name: string, columns: number): Matrix {
  const values = [...weights.get(name)!];
  return Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

/** What leaves an operator is at most float32: -10000 added to a score takes its last digits. */
function round(to: RoundTo, x: number): number {
  return to === 'Float32' ? Math.fround(x) : roundTo(to, Float32Array.of(x))[0]!;
}

function rounded(to: RoundTo, row: Row): Row {
  return row.map((x) => round(to, x));
}

function dot(a: Row, b: Row): number {
  return total(a.map((x, i) => x * b[i]!));
}

function plus(a: Row, b: Row): Row {
  return a.map((x, i) => x + b[i]!);
}

function total(row: Row): number {
  return row.reduce((sum, x) => sum + x, 0);
}
