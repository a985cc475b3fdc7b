import type { Shape } from '@cairn/graph';
import type { LlamaSpec } from './llama.ts';
import type { ModelParameter } from './parameters.ts';
import type { TensorParallel } from './tensor-parallel.ts';

/** What one rank computes: its stage, its layers, its share of each tensor, and how a step is divided. */
export interface RankPlace {
  readonly stage: number;
  readonly stages: number;
  /** Layers of this stage, ascending. */
  readonly layers: readonly number[];
  readonly tensor: TensorParallel;
  /** Ranks that share the vocabulary's weights: those of `tensor`, or one when the vocabulary is not cut. */
  readonly vocabulary: TensorParallel;
  /** Rows a unit has. */
  readonly rows: number;
  /** Units a step has on this rank. */
  readonly units: number;
  /** Whether activations are computed again in the backward pass instead of being kept. */
  readonly recompute: boolean;
}

/** The place of a rank that is alone. */
export function aloneWith(spec: LlamaSpec, rows: number, units: number, recompute: boolean): RankPlace {
  const single: TensorParallel = { rank: 0, size: 1 };
  const layers = Array.from({ length: spec.layers }, (_, layer) => layer);
  return { stage: 0, stages: 1, layers, tensor: single, vocabulary: single, rows, units, recompute };
}

/** Shape of a parameter on a rank. */
export function localShape(parameter: ModelParameter, { tensor, vocabulary }: RankPlace): Shape {
  const cut = parameter.vocabulary ? vocabulary : tensor;
  return parameter.shape.map((size, axis) => (axis === parameter.modelAxis ? size / cut.size : size));
}

/** Whether a parameter is used on a stage; a tied embedding is used on the first and the last. */
export function isOnStage(parameter: ModelParameter, spec: LlamaSpec, { stage, stages, layers }: RankPlace): boolean {
  const [first, last] = [stage === 0, stage === stages - 1];
  if (parameter.place === 'first') return first || (spec.tiedEmbedding && last);
  if (parameter.place === 'last') return last;
  return layers.includes(parameter.place);
}

/** Most tokens a unit should have: enough to keep the matrix kernels busy, few enough to bound activations. */
const UNIT_TOKENS = 512;

/** Rows of a unit: the most that divide a micro batch of `rows` rows evenly and stay within the bound; at least one. */
export function unitRows(rows: number, seqLength: number): number {
  const most = Math.max(1, Math.floor(UNIT_TOKENS / seqLength));
  for (let count = Math.min(most, rows); count > 1; count--) if (rows % count === 0) return count;
  return 1;
}
