import type { LlamaSpec } from './llama.ts';
import { ModelError } from './llama.ts';
import { flowTokens, ownTokens } from './rank-place.ts';
import type { RankPlace } from './rank-place.ts';
import type { RankShare } from './rank-share.ts';

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
}

/**
 * The input buffers of one unit on one rank; every rank is given the whole rows.
 *
 * @throws ModelError when a token id lies outside the vocabulary
 */
export function unitInputs(
  spec: LlamaSpec,
  place: RankPlace,
  rows: TokenRows,
  { maskTotal, share }: UnitOptions,
): UnitInputs {
  const tokens = withoutLast(spec, rows.inputIds);
  const judgedIds = withoutFirst(spec, rows.labels ?? rows.inputIds);
  const labels = rows.labels ? judgedIds.map((id) => (id === spec.ignoreTokenId ? 0 : id)) : judgedIds;
  checkIds(spec, tokens);
  checkIds(spec, labels);
  // The mean's denominator has 1e-8 added so that a batch of padding gives 0.
  const weights = lossMask(spec, rows).map((weight) => (weight * share) / Math.fround(maskTotal + 1e-8));
  const seen = place.embedding.size > 1 ? everyPart(spec, place) : flowPart(spec, place);
  const judged = place.head.size > 1 ? ownPart(spec, place) : flowPart(spec, place);
  const looked = vocabularyPart(
    spec,
    place.embedding,
    Int32Array.from(seen, (i) => tokens[i] ?? 0),
  );
  const wanted = vocabularyPart(
    spec,
    place.head,
    Int32Array.from(judged, (i) => labels[i] ?? 0),
  );
  return new Map<string, Float32Array | Int32Array>([
    ['tokens', looked.ids],
    ['tokensHere', looked.here],
    ['real', Float32Array.from(tokens, (id) => (id === spec.padTokenId ? 0 : 1))],
    ['labels', wanted.ids],
    ['labelsHere', wanted.here],
    ['lossWeights', Float32Array.from(judged, (i) => weights[i] ?? 0)],
  ]);
}

/** [rows, seq + 1] → [rows, seq]. */
function withoutLast({ seqLength }: LlamaSpec, ids: Int32Array): Int32Array {
  return ids.filter((_, i) => i % (seqLength + 1) !== seqLength);
}

function withoutFirst({ seqLength }: LlamaSpec, ids: Int32Array): Int32Array {
  return ids.filter((_, i) => i % (seqLength + 1) !== 0);
}

/** Positions in [rows, seq] that the ranks of a part of the rows' tokens work on, row by row. */
function partOf(spec: LlamaSpec, place: RankPlace, context: number): Int32Array {
  const own = ownTokens(spec, place);
  return Int32Array.from(
    { length: place.rows * own },
    (_, i) => Math.floor(i / own) * spec.seqLength + context * own + (i % own),
  );
}

function ownPart(spec: LlamaSpec, place: RankPlace): Int32Array {
  return partOf(spec, place, place.context.rank);
}

/** All positions, one part of the rows' tokens behind the other, so that each is a contiguous piece. */
function everyPart(spec: LlamaSpec, place: RankPlace): Int32Array {
  const parts = Array.from({ length: place.context.size }, (_, context) => [...partOf(spec, place, context)]);
  return Int32Array.from(parts.flat());
}

/** What is left of its part for this rank between the layers. */
function flowPart(spec: LlamaSpec, place: RankPlace): Int32Array {
  const flow = flowTokens(spec, place);
  const begin = place.sequence ? place.tensor.rank * flow : 0;
  return ownPart(spec, place).subarray(begin, begin + flow);
}

/** Ids counted from a share's first one, those of others as 0; and which of them are its own. */
function vocabularyPart(
  spec: LlamaSpec,
  { rank, size }: RankShare,
  ids: Int32Array,
): { readonly ids: Int32Array; readonly here: Float32Array } {
  const count = spec.vocabulary / size;
  const begin = rank * count;
  const isHere = (id: number): boolean => id >= begin && id < begin + count;
  return {
    ids: ids.map((id) => (isHere(id) ? id - begin : 0)),
    here: Float32Array.from(ids, (id) => Number(isHere(id))),
  };
}

function checkIds(spec: LlamaSpec, ids: Int32Array): void {
  const bad = ids.find((id) => id < 0 || id >= spec.vocabulary);
  if (bad === undefined) return;
  throw new ModelError(
    `token id ${bad} is outside the vocabulary of ${spec.vocabulary}: use the tokenizer the model was made for, or set vocab_size`,
    ['model', 'model_config', 'vocab_size'],
  );
}
