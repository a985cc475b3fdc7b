import type { ElementType } from '@cairn/bytes';
import type { RoundTo } from '@cairn/graph';
import { headWidth } from './llama.ts';
import type { LlamaSpec } from './llama.ts';

/** One trained parameter of the whole model, before any cut. */
export interface ModelParameter {
  /** Position in the order of the model. */
  readonly index: number;
  /** MindFormers' name, e.g. `model.layers.0.attention.wq.weight`. */
  readonly name: string;
  /** Full shape; linear weights are [out, in]. */
  readonly shape: readonly number[];
  /** Type its values are rounded to and stored in. */
  readonly dtype: RoundTo & ElementType;
  /** Decoder layer it belongs to; `first` and `last` are before and after the layers. */
  readonly place: number | 'first' | 'last';
  /** Axis that tensor parallelism cuts, null for none (mindformers-behaviour §9.2). */
  readonly modelAxis: number | null;
  /** Whether axis 0 counts vocabulary: cut only when the vocabulary divides and `vocab_emb_dp` is off. */
  readonly vocabulary: boolean;
  /** Whether optimizer parallelism may cut it further. */
  readonly optimizerShards: boolean;
  /** What a fresh weight is drawn from. */
  readonly init: 'normal' | 'zeros' | 'ones';
}

/**
 * All parameters in the order of the model: embedding, layer by layer, final norm, head (mindformers-behaviour §1.4).
 */
export function parametersOf(spec: LlamaSpec): readonly ModelParameter[] {
  const { hidden, vocabulary, precision } = spec;
  const embedding: Unnumbered = {
    name: 'model.tok_embeddings.embedding_weight',
    shape: [vocabulary, hidden],
    dtype: precision.embedding,
    place: 'first',
    modelAxis: 0,
    vocabulary: true,
    optimizerShards: false,
    init: 'normal',
  };
  const head: Unnumbered = {
    ...embedding,
    name: 'lm_head.weight',
    dtype: precision.parameters,
    place: 'last',
    optimizerShards: true,
  };
  const all = [
    embedding,
    ...Array.from({ length: spec.layers }, (_, layer) => layerParameters(spec, layer)).flat(),
    norm(spec, 'model.norm_out.weight', 'last'),
    ...(spec.tiedEmbedding ? [] : [head]),
  ];
  return all.map((parameter, index) => ({ index, ...parameter }));
}

type Unnumbered = Omit<ModelParameter, 'index'>;

/** One decoder layer: ffn_norm, attention_norm, wq, wk, wv, wo, w1, w2, w3, each bias behind its weight. */
function layerParameters(spec: LlamaSpec, layer: number): readonly Unnumbered[] {
  const { hidden, ffn, qkvBias, outputBias } = spec;
  const prefix = `model.layers.${layer}.`;
  const kv = headWidth(spec) * spec.kvHeads;
  const linear = (name: string, shape: readonly [number, number], modelAxis: 0 | 1, biased: boolean): Unnumbered[] => {
    const weight: Unnumbered = {
      name: `${prefix}${name}.weight`,
      shape,
      dtype: spec.precision.parameters,
      place: layer,
      modelAxis,
      vocabulary: false,
      optimizerShards: true,
      init: 'normal',
    };
    if (!biased) return [weight];
    const bias = { name: `${prefix}${name}.bias`, shape: [shape[0]], modelAxis: modelAxis === 0 ? 0 : null } as const;
    return [weight, { ...weight, ...bias, optimizerShards: false, init: 'zeros' }];
  };
  return [
    norm(spec, `${prefix}ffn_norm.weight`, layer),
    norm(spec, `${prefix}attention_norm.weight`, layer),
    ...linear('attention.wq', [hidden, hidden], 0, qkvBias),
    ...linear('attention.wk', [kv, hidden], 0, qkvBias),
    ...linear('attention.wv', [kv, hidden], 0, qkvBias),
    ...linear('attention.wo', [hidden, hidden], 1, outputBias),
    ...linear('feed_forward.w1', [ffn, hidden], 0, false),
    ...linear('feed_forward.w2', [hidden, ffn], 1, false),
    ...linear('feed_forward.w3', [ffn, hidden], 0, false),
  ];
}

function norm(spec: LlamaSpec, name: string, place: ModelParameter['place']): Unnumbered {
  return {
    name,
    shape: [spec.hidden],
    dtype: spec.precision.layernorm,
    place,
    modelAxis: null,
    vocabulary: false,
    optimizerShards: false,
    init: 'ones',
  };
}
