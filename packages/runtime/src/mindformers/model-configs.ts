import type { ConfigValue } from '@cairn/config';

/** Values of a model's configuration, by key. */
export type ModelValues = Readonly<Record<string, ConfigValue | undefined>>;

const LLAMA_7B: ModelValues = {
  seq_length: 2048,
  hidden_size: 4096,
  num_layers: 32,
  num_heads: 32,
  vocab_size: 32000,
  multiple_of: 256,
  rms_norm_eps: 1e-6,
  bos_token_id: 1,
  eos_token_id: 2,
  pad_token_id: 0,
  ignore_token_id: -100,
  compute_dtype: 'float16',
  layernorm_compute_type: 'float32',
  softmax_compute_type: 'float16',
  rotary_dtype: 'float16',
  param_init_type: 'float16',
};

/** Configurations of published models under the names upstream's scripts use (qwen-llama-data §2.5). */
export const MODEL_CONFIGS: Readonly<Record<string, ModelValues>> = {
  llama_7b: LLAMA_7B,
  llama2_7b: { ...LLAMA_7B, seq_length: 4096, rms_norm_eps: 1e-5 },
  llama3_1_8b: {
    ...LLAMA_7B,
    seq_length: 8192,
    n_kv_heads: 8,
    vocab_size: 128256,
    bos_token_id: 128000,
    eos_token_id: 128001,
    pad_token_id: 128002,
    intermediate_size: 14336,
    rms_norm_eps: 1e-5,
    theta: 5e5,
    compute_dtype: 'bfloat16',
    softmax_compute_type: 'float32',
    rotary_dtype: 'float32',
    embedding_init_type: 'bfloat16',
  },
};
