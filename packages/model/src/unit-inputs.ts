import type { LlamaSpec } from './llama.ts';
import { ModelError } from './llama.ts';
import type { TensorParallel } from './tensor-parallel.ts';

/** Rows of a batch as the model reads them. */
export interface TokenRows {
  /** [rows, seqLength + 1]; the last token is only a label. */
  readonly inputIds: Int32Array;
  /** [rows, seqLength + 1], of a data set with labels of its own. */
  readonly labels?: Int32Array;
}

/** Values of a unit's input buffers by name. */
export type UnitInputs = ReadonlyMap<string, Float32Array | Int32Array>;

/**
 * The mask of the loss: 1 for every position whose input token is no padding and whose label is not ignored
 * (qwen-llama-data §3.2) → [rows · seqLength].
 */
export function lossMask(spec: LlamaSpec, rows: TokenRows): Float32Array {
  const wide = spec.seqLength + 1;
  const count = rows.inputIds.length / wide;
  const mask = new Float32Array(count * spec.seqLength);
  for (let i = 0; i < mask.length; i++) {
    const at = Math.floor(i / spec.seqLength) * wide + (i % spec.seqLength);
    const ignored = rows.labels?.[at + 1] === spec.ignoreTokenId;
    mask[i] = rows.inputIds[at] !== spec.padTokenId && !ignored ? 1 : 0;
  }
  return mask;
}

/** What a unit's share of the loss is measured by. */
interface UnitOptions {
  /** Σ of the loss mask over all rows whose mean the loss is: those of the micro batch on all data-parallel ranks. */
  readonly maskTotal: number;
  /** What that mean counts for in the loss of the step: 1 over the number of micro batches. */
  readonly share: number;
  /** This rank's part of the vocabulary. */
  readonly vocabulary: TensorParallel;
}

/**
 * The input buffers of one unit.
 *
 * @throws ModelError when a token id lies outside the vocabulary
 */
export function unitInputs(
  spec: LlamaSpec,
  rows: TokenRows,
  { maskTotal, share, vocabulary }: UnitOptions,
): UnitInputs {
  const wide = spec.seqLength + 1;
  const tokensOf = (from: Int32Array, shift: 0 | 1): Int32Array => {
    const out = new Int32Array((from.length / wide) * spec.seqLength);
    for (let i = 0; i < out.length; i++)
      out[i] = from[Math.floor(i / spec.seqLength) * wide + (i % spec.seqLength) + shift]!;
    return out;
  };
  const tokens = tokensOf(rows.inputIds, 0);
  const mask = lossMask(spec, rows);
  const labels = tokensOf(rows.labels ?? rows.inputIds, 1).map((id) => (id === spec.ignoreTokenId ? 0 : id));
  checkIds(spec, tokens);
  checkIds(spec, labels);
  const size = spec.vocabulary / vocabulary.size;
  const begin = vocabulary.rank * size;
  const isHere = (id: number): boolean => id >= begin && id < begin + size;
  const local = (ids: Int32Array): Int32Array => ids.map((id) => (isHere(id) ? id - begin : 0));
  const here = (ids: Int32Array): Float32Array => Float32Array.from(ids, (id) => Number(isHere(id)));
  return new Map<string, Float32Array | Int32Array>([
    ['tokens', local(tokens)],
    ['tokensHere', here(tokens)],
    ['real', Float32Array.from(tokens, (id) => (id === spec.padTokenId ? 0 : 1))],
    ['labels', local(labels)],
    ['labelsHere', here(labels)],
    // The mean's denominator has 1e-8 added so that a batch of padding gives 0.
    ['lossWeights', mask.map((weight) => (weight * share) / Math.fround(maskTotal + 1e-8))],
  ]);
}

function checkIds(spec: LlamaSpec, ids: Int32Array): void {
  const bad = ids.find((id) => id < 0 || id >= spec.vocabulary);
  if (bad === undefined) return;
  throw new ModelError(
    `token id ${bad} is outside the vocabulary of ${spec.vocabulary}: use the tokenizer the model was made for, or set vocab_size`,
    ['model', 'model_config', 'vocab_size'],
  );
}
