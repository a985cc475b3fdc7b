import type { LlamaConfig, RunConfig } from '@cairn/config';
import type { RoundTo } from '@cairn/graph';
import { checkSpec, ffnWidth } from '@cairn/model';
import type { LlamaSpec, RotaryScaling } from '@cairn/model';
import { RunError, unsupported } from '../run-error.ts';

const ROUND_TO = { float32: 'Float32', float16: 'Float16', bfloat16: 'BFloat16' } as const satisfies Record<
  string,
  RoundTo
>;

/**
 * The model a configuration describes.
 *
 * @throws RunError when there is none, or one that is not run; ModelError when its sizes do not fit
 */
export function llamaSpecOf({ model }: RunConfig): LlamaSpec {
  if (model === null)
    throw new RunError('model-missing', 2, 'there is no model: give model.model_config', { path: ['model'] });
  const m = model.model_config;
  refuseUnsupported(m);
  return checkSpec({
    vocabulary: m.vocab_size,
    hidden: m.hidden_size,
    layers: m.num_layers,
    heads: m.num_heads,
    kvHeads: m.n_kv_heads,
    ffn:
      m.intermediate_size ??
      ffnWidth({ hidden: m.hidden_size, multipleOf: m.multiple_of, multiplier: m.ffn_dim_multiplier }),
    seqLength: m.seq_length,
    normEps: m.rms_norm_eps,
    theta: m.theta,
    rotaryScaling: rotaryScalingOf(m),
    qkvBias: m.qkv_has_bias,
    outputBias: m.attn_proj_has_bias,
    tiedEmbedding: m.tie_word_embeddings,
    padTokenId: m.pad_token_id,
    ignoreTokenId: m.ignore_token_id,
    initStd: m.init_method_std,
    precision: {
      compute: ROUND_TO[m.compute_dtype],
      residual: ROUND_TO[m.residual_dtype],
      layernorm: ROUND_TO[m.layernorm_compute_type],
      softmax: ROUND_TO[m.softmax_compute_type],
      rotary: ROUND_TO[m.rotary_dtype],
      parameters: ROUND_TO[m.param_init_type],
      embedding: ROUND_TO[m.embedding_init_type],
      fusedNorm: m.fused_rms_norm,
    },
  });
}

/** Choices of a model that a run refuses; a check lets them pass with a warning. */
function refuseUnsupported(m: LlamaConfig): void {
  const refuse = (key: string, message: string): never => {
    throw unsupported(['model', 'model_config', key], message);
  };
  if (m.qkv_concat) refuse('qkv_concat', 'one weight for queries, keys and values is not trained: set it to False');
  if (m.input_sliced_sig) refuse('input_sliced_sig', 'rows without the extra token are not trained: set it to False');
  if (m.pet_config !== null) refuse('pet_config', 'low-rank adapters are not trained: take it out');
}

function rotaryScalingOf(m: LlamaConfig): RotaryScaling {
  const path = ['model', 'model_config', 'extend_method'];
  const scaling = m.scaling_factor;
  const number = (key: string, fallback?: number): number => {
    const value = typeof scaling === 'number' ? (key === 'factor' ? scaling : fallback) : (scaling[key] ?? fallback);
    if (typeof value === 'number') return value;
    throw new RunError('config-invalid', 2, `${m.extend_method} needs scaling_factor.${key}`, {
      path: ['model', 'model_config', 'scaling_factor'],
    });
  };
  switch (m.extend_method) {
    case 'None':
      return { kind: 'none' };
    case 'NTK':
    case 'PI':
    case 'LINEAR':
      return { kind: m.extend_method, factor: number('factor') };
    case 'LLAMA3':
      return {
        kind: 'LLAMA3',
        factor: number('factor'),
        lowFrequencyFactor: number('low_freq_factor', 1),
        highFrequencyFactor: number('high_freq_factor', 4),
        originalPositions: number('original_max_position_embeddings', 8192),
      };
    default:
      throw unsupported(path, `${m.extend_method} is not computed: use None, NTK, PI, LINEAR or LLAMA3`);
  }
}
