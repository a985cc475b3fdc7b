import type { Shape } from '@cairn/graph';
import type { LlamaSpec } from './llama.ts';
import type { ModelParameter } from './parameters.ts';
import { WHOLE } from './rank-share.ts';
import type { RankShare } from './rank-share.ts';

/** What one rank computes: its stage, its layers, its share of each tensor, and how a step is divided. */
export interface RankPlace {
  readonly stage: number;
  readonly stages: number;
  /** Layers of this stage, ascending. */
  readonly layers: readonly number[];
  /** Its share of each layer's weights. */
  readonly tensor: RankShare;
  /** Its share of each row's tokens. */
  readonly context: RankShare;
  /** Whether its tokens are shared once more among the ranks of `tensor` wherever no weight is cut. */
  readonly sequence: boolean;
  /** Its share of the embedding's vocabulary: among the ranks of `tensor` and `context`, or all of it. */
  readonly embedding: RankShare;
  /** Its share of the head's vocabulary: among the ranks of `tensor`, or all of it. */
  readonly head: RankShare;
  /** Rows a unit has. */
  readonly rows: number;
  /** Units a step has on this rank. */
  readonly units: number;
  /** Whether activations are computed again in the backward pass instead of being kept. */
  readonly recompute: boolean;
}

/** The place of a rank that is alone. */
export function aloneWith(spec: LlamaSpec, rows: number, units: number, recompute: boolean): RankPlace {
  const layers = Array.from({ length: spec.layers }, (_, layer) => layer);
  const shares = { tensor: WHOLE, context: WHOLE, embedding: WHOLE, head: WHOLE };
  return { stage: 0, stages: 1, layers, ...shares, sequence: false, rows, units, recompute };
}

/** Tokens of each row that a rank works on. */
export function ownTokens({ seqLength }: LlamaSpec, { context }: RankPlace): number {
  return seqLength / context.size;
}

/** Tokens of a unit between the layers: those of its part of the rows, shared once more with `sequence`. */
export function flowTokens(spec: LlamaSpec, place: RankPlace): number {
  return (place.rows * ownTokens(spec, place)) / (place.sequence ? place.tensor.size : 1);
}

/** The share of a parameter's cut axis. */
function shareOf(parameter: ModelParameter, { tensor, embedding, head }: RankPlace): RankShare {
  if (!parameter.vocabulary) return tensor;
  return parameter.place === 'first' ? embedding : head;
}

/** Shape of a parameter on a rank. */
export function localShape(parameter: ModelParameter, place: RankPlace): Shape {
  const { size } = shareOf(parameter, place);
  return parameter.shape.map((length, axis) => (axis === parameter.modelAxis ? length / size : length));
}

/** Whether a parameter is used on a stage; a tied embedding is used on the first and the last. */
export function isOnStage(parameter: ModelParameter, spec: LlamaSpec, { stage, stages, layers }: RankPlace): boolean {
  const [first, last] = [stage === 0, stage === stages - 1];
  if (parameter.place === 'first') return first || (spec.tiedEmbedding && last);
  if (parameter.place === 'last') return last;
  return layers.includes(parameter.place);
}

/** Between whom a parameter's gradient is only a summand on each rank, beside those that have other rows. */
export interface GradientSharing {
  /** Ranks of `tensor`: with `sequence`, what is whole on each of them has seen only its tokens. */
  readonly model: boolean;
  /** Ranks of `context`: each has seen only its tokens, unless the vocabulary is cut among them. */
  readonly context: boolean;
  /** First and last stage: a tied embedding. */
  readonly stages: boolean;
}

/** Who has to sum the gradients of a parameter. */
export function gradientSharing(parameter: ModelParameter, spec: LlamaSpec, place: RankPlace): GradientSharing {
  const { size } = shareOf(parameter, place);
  const whole = parameter.modelAxis === null || size === 1;
  return {
    model: place.sequence && whole,
    context: place.context.size > 1 && (parameter.place !== 'first' || size === 1),
    stages: spec.tiedEmbedding && place.stages > 1 && parameter.place === 'first',
  };
}

/** Most tokens a unit should have: enough to keep the matrix kernels busy, few enough to bound activations. */
const UNIT_TOKENS = 512;

/** Rows of a unit: the most that divide a micro batch of `rows` rows evenly and stay within the bound; at least one. */
export function unitRows(rows: number, seqLength: number): number {
  const most = Math.max(1, Math.floor(UNIT_TOKENS / seqLength));
  for (let count = Math.min(most, rows); count > 1; count--) if (rows % count === 0) return count;
  return 1;
}
