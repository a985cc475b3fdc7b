import type { RoundTo } from '@cairn/graph';

/** How the angles of the rotary embedding are changed for longer sequences (qwen-llama-data §3.1). */
export type RotaryScaling =
  | { readonly kind: 'none' }
  | { readonly kind: 'NTK'; readonly factor: number }
  | { readonly kind: 'PI'; readonly factor: number }
  | { readonly kind: 'LINEAR'; readonly factor: number }
  | {
      readonly kind: 'LLAMA3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      /** Positions the model was first trained on. */
      readonly originalPositions: number;
    };

/** Where values are rounded to which type (qwen-llama-data §3.4); the arithmetic itself is float32. */
export interface Precision {
  readonly compute: RoundTo;
  /** Sums of the residual stream. */
  readonly residual: RoundTo;
  readonly layernorm: RoundTo;
  readonly softmax: RoundTo;
  readonly rotary: RoundTo;
  /** Linear weights and biases. */
  readonly parameters: RoundTo;
  readonly embedding: RoundTo;
  /** Whether the norm's weight is multiplied in the norm's type (fused) or in the compute type. */
  readonly fusedNorm: boolean;
}

/** Nothing is rounded. */
export const FLOAT32: Precision = {
  compute: 'Float32',
  residual: 'Float32',
  layernorm: 'Float32',
  softmax: 'Float32',
  rotary: 'Float32',
  parameters: 'Float32',
  embedding: 'Float32',
  fusedNorm: true,
};

/** A Llama or Qwen decoder: its sizes and the choices in its arithmetic. */
export interface LlamaSpec {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; each serves heads / kvHeads query heads. */
  readonly kvHeads: number;
  /** Width of the feed-forward network. */
  readonly ffn: number;
  /** Tokens a row is trained on; rows hold one more. */
  readonly seqLength: number;
  readonly normEps: number;
  /** Base of the rotary angles. */
  readonly theta: number;
  readonly rotaryScaling: RotaryScaling;
  /** Biases on the query, key and value projections (Qwen). */
  readonly qkvBias: boolean;
  /** Bias on the attention's output projection. */
  readonly outputBias: boolean;
  /** The head uses the embedding's weight. */
  readonly tiedEmbedding: boolean;
  readonly padTokenId: number;
  readonly ignoreTokenId: number;
  /** Standard deviation of fresh weights. */
  readonly initStd: number;
  readonly precision: Precision;
}

/** A model that cannot be: sizes that do not divide, unknown kinds. `path` names the configuration key. */
export class ModelError extends Error {
  readonly code = 'model-invalid';
  /** Where in the configuration the cause is, e.g. `['model', 'model_config', 'num_heads']`. */
  readonly path: readonly string[];

  constructor(message: string, path: readonly string[], options?: ErrorOptions) {
    super(message, options);
    this.name = 'ModelError';
    this.path = path;
  }
}

/** Whether an error comes from this package. */
export function isModelError(error: unknown): error is ModelError {
  return error instanceof Error && error.name === 'ModelError';
}

/** What the width is computed from: `hidden_size`, `multiple_of`, `ffn_dim_multiplier`. */
interface FfnWidthOptions {
  readonly hidden: number;
  readonly multipleOf: number;
  readonly multiplier: number | null;
}

/**
 * Width of the feed-forward network when no `intermediate_size` is given (mindformers-behaviour §9.1).
 *
 * 4·hidden, times (multiplier + 0.01) when there is one, two thirds of that, up to the next multiple; every product
 * truncated. hidden 4096, multiple 256 → 11008.
 */
export function ffnWidth({ hidden, multipleOf, multiplier }: FfnWidthOptions): number {
  const four = 4 * hidden;
  const wide = multiplier === null ? four : Math.trunc((multiplier + 0.01) * four);
  return multipleOf * Math.ceil(Math.trunc((2 * wide) / 3) / multipleOf);
}

/** Channels of one attention head. */
export function headWidth(spec: LlamaSpec): number {
  return spec.hidden / spec.heads;
}

/**
 * Checks what the arithmetic needs of the sizes.
 *
 * @throws ModelError naming the key of `model.model_config` at fault
 */
export function checkSpec(spec: LlamaSpec): LlamaSpec {
  const fail = (key: string, message: string): never => {
    throw new ModelError(message, ['model', 'model_config', key]);
  };
  if (spec.hidden % spec.heads !== 0)
    fail('num_heads', `hidden_size ${spec.hidden} does not divide by ${spec.heads} heads`);
  if (headWidth(spec) % 2 !== 0)
    fail('num_heads', `a head of ${headWidth(spec)} channels has no halves to rotate: use an even width`);
  if (spec.heads % spec.kvHeads !== 0)
    fail('n_kv_heads', `${spec.heads} heads do not divide by ${spec.kvHeads} key/value heads`);
  return spec;
}
