import type { RunConfig } from '@cairn/config';
import type { Program } from '@cairn/graph';
import { aloneWith, checkSpec, ffnWidth, FLOAT32, llamaProgram, unitRows } from '@cairn/model';

/** The program a run of this configuration computes; number types do not matter for its products. */
export function programOf({ model, runner_config: runner }: RunConfig): Program {
  if (model === null) throw new Error('the configuration has no model');
  const m = model.model_config;
  const spec = checkSpec({
    vocabulary: m.vocab_size,
    hidden: m.hidden_size,
    layers: m.num_layers,
    heads: m.num_heads,
    kvHeads: m.n_kv_heads,
    ffn: m.intermediate_size ?? ffnWidth({ hidden: m.hidden_size, multipleOf: m.multiple_of, multiplier: null }),
    seqLength: m.seq_length,
    normEps: m.rms_norm_eps,
    theta: m.theta,
    rotaryScaling: { kind: 'none' },
    qkvBias: m.qkv_has_bias,
    outputBias: false,
    tiedEmbedding: m.tie_word_embeddings,
    padTokenId: m.pad_token_id,
    ignoreTokenId: m.ignore_token_id,
    initStd: m.init_method_std,
    precision: FLOAT32,
  });
  const rows = unitRows(runner.batch_size, spec.seqLength);
  return llamaProgram(spec, aloneWith(spec, rows, runner.batch_size / rows, false));
}
