import { z } from 'zod';
import type { ConfigMap, ConfigValue } from '../config-value.ts';
import type { Keys, Siblings } from '../keys/key.ts';
import { derived, key, optionalSection } from '../keys/key.ts';
import type { DType } from '../keys/leaf.ts';
import {
  anyList,
  anyMap,
  dtype,
  either,
  flag,
  oneOf,
  orNull,
  path,
  positive,
  real,
  whole,
  wholes,
  word,
} from '../keys/leaf.ts';
import type { LoraConfig } from './lora.ts';
import { loraKeys } from './lora.ts';

/** Hyper-parameters of a Llama or Qwen model, under LlamaConfig's names. Meanings: {@link llamaKeys}. */
export interface LlamaConfig {
  readonly type: 'LlamaConfig';
  readonly batch_size: number;
  readonly seq_length: number;
  readonly hidden_size: number;
  readonly num_layers: number;
  readonly num_heads: number;
  readonly n_kv_heads: number;
  readonly max_position_embedding: number;
  readonly intermediate_size: number | null;
  readonly multiple_of: number;
  readonly ffn_dim_multiplier: number | null;
  readonly vocab_size: number;
  readonly rms_norm_eps: number;
  readonly bos_token_id: number;
  readonly eos_token_id: number | readonly number[];
  readonly pad_token_id: number;
  readonly ignore_token_id: number;
  readonly theta: number;
  readonly extend_method: string;
  readonly scaling_factor: number | ConfigMap;
  readonly compute_dtype: DType;
  readonly layernorm_compute_type: DType;
  readonly softmax_compute_type: DType;
  readonly rotary_dtype: DType;
  readonly param_init_type: DType;
  readonly embedding_init_type: DType;
  readonly residual_dtype: DType;
  readonly qkv_has_bias: boolean;
  readonly attn_proj_has_bias: boolean;
  readonly qkv_concat: boolean;
  readonly tie_word_embeddings: boolean;
  readonly use_flash_attention: boolean;
  readonly fused_rms_norm: boolean;
  readonly use_attn_mask_compression: boolean;
  readonly use_eod_attn_mask_compression: boolean;
  readonly use_ring_attention: boolean;
  readonly offset: number | readonly ConfigValue[];
  readonly pp_interleave_num: number;
  readonly init_method_std: number;
  readonly input_sliced_sig: boolean;
  readonly calculate_per_token_loss: boolean;
  readonly checkpoint_name_or_path: string;
  readonly use_past: boolean;
  readonly is_dynamic: boolean;
  readonly do_sample: boolean;
  readonly temperature: number;
  readonly top_k: number;
  readonly top_p: number;
  readonly repetition_penalty: number;
  readonly max_decode_length: number;
  readonly max_new_tokens: number | null;
  readonly pet_config: LoraConfig | null;
}

// The names of keys of this section, checked by the compiler, whose value another key takes when it is silent.
const same =
  <K extends keyof LlamaConfig>(name: K) =>
  (section: Siblings): LlamaConfig[K] =>
    section[name] as LlamaConfig[K];

/** How model.model_config is read (LlamaConfig's constructor, qwen-llama-data §2.6). */
export const llamaKeys: Keys<LlamaConfig> = {
  type: key({ ...oneOf('LlamaConfig'), input: () => z.string() }, 'LlamaConfig', 'Class of the hyper-parameters.'),
  batch_size: key(whole(1), 1, 'Rows predicted together.'),
  seq_length: key(whole(1), 2048, 'Tokens of a row.'),
  hidden_size: key(whole(1), 4096, 'Width of the model.'),
  num_layers: key(whole(1), 32, 'Layers.'),
  num_heads: key(whole(1), 32, 'Heads of attention.'),
  n_kv_heads: derived(whole(1), same('num_heads'), 'num_heads', 'Heads of keys and values.'),
  max_position_embedding: derived(
    whole(1),
    same('seq_length'),
    'seq_length',
    'Positions the rotary table has at least.',
  ),
  intermediate_size: key(orNull(whole(1)), null, 'Width of the feed-forward layer; unset = from hidden_size.'),
  multiple_of: key(whole(1), 256, 'An intermediate_size that is not given is rounded up to this.'),
  ffn_dim_multiplier: key(orNull(positive), null, 'An intermediate_size that is not given is stretched by this.'),
  vocab_size: key(whole(1), 32000, 'Tokens of the vocabulary.'),
  rms_norm_eps: key(positive, 1e-5, 'Added to the mean square in RMS norms.'),
  bos_token_id: key(whole(), 1, 'Token that begins a text.'),
  eos_token_id: key(either(whole(), wholes), 2, 'Token, or tokens, that end a text.'),
  pad_token_id: key(whole(), 0, 'Token that fills rows.'),
  ignore_token_id: key(whole(), -100, 'Label that does not count in the loss.'),
  theta: key(positive, 10000, 'Base of the rotary frequencies.'),
  extend_method: key(word, 'None', 'How the rotary table is stretched: None, PI, NTK, YARN, LLAMA3.'),
  scaling_factor: key(either(positive, anyMap), 1, 'By how much; a mapping for YARN and LLAMA3.'),
  compute_dtype: key(dtype, 'float16', 'Type of matrix products.'),
  layernorm_compute_type: key(dtype, 'float32', 'Type of norms.'),
  softmax_compute_type: key(dtype, 'float32', 'Type of softmax.'),
  rotary_dtype: key(dtype, 'float32', 'Type of rotations.'),
  param_init_type: key(dtype, 'float16', 'Type of parameters.'),
  embedding_init_type: derived(dtype, same('param_init_type'), 'param_init_type', 'Type of the embedding.'),
  residual_dtype: derived(dtype, same('compute_dtype'), 'compute_dtype', 'Type of the residual stream.'),
  qkv_has_bias: key(flag, false, 'Biases on queries, keys and values (Qwen).'),
  attn_proj_has_bias: key(flag, false, 'Bias on the output of attention.'),
  qkv_concat: key(flag, false, 'One weight for queries, keys and values.'),
  tie_word_embeddings: key(flag, false, 'The head is the embedding.'),
  use_flash_attention: key(flag, false, 'Fused attention; the same result here.'),
  fused_rms_norm: key(flag, true, 'Fused norm; the same result here.'),
  use_attn_mask_compression: key(flag, false, 'Attention mask made inside attention.'),
  use_eod_attn_mask_compression: key(flag, false, 'The same, restarting at end-of-document tokens.'),
  use_ring_attention: key(flag, false, 'Sequence pieces passed round in attention.'),
  offset: key(either(whole(), anyList), 0, 'Layers more or fewer than even, a number or a list by stage.'),
  pp_interleave_num: key(whole(1), 1, 'Groups of layers on each stage.'),
  init_method_std: key(positive, 0.01, 'Spread of initial weights.'),
  input_sliced_sig: key(flag, false, 'Rows come without the extra token.'),
  calculate_per_token_loss: key(flag, false, 'Average over tokens of all micro batches, not over micro batches.'),
  checkpoint_name_or_path: key(path, '', 'Weights to start from, when load_checkpoint is empty.'),
  use_past: key(flag, false, 'Keep keys and values while predicting.'),
  is_dynamic: key(flag, false, 'Rows of any length while predicting.'),
  do_sample: key(flag, true, 'Draw tokens instead of taking the likeliest.'),
  temperature: key(positive, 1, 'Spread of drawn tokens.'),
  top_k: key(whole(0), 5, 'Draw from this many likeliest tokens; 0 = all.'),
  top_p: key(real(0), 1, 'Draw from the likeliest tokens with this much probability together.'),
  repetition_penalty: key(positive, 1, 'How much tokens that occurred are pushed down.'),
  max_decode_length: key(whole(1), 1024, 'Tokens of prompt and answer together.'),
  max_new_tokens: key(orNull(whole(1)), null, 'Tokens of the answer; wins over max_decode_length.'),
  pet_config: optionalSection('Low-rank adapters.', loraKeys, { why: 'LoraConfig constructor' }),
};
