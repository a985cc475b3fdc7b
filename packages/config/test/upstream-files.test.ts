import { expect, test } from 'vitest';
import { brief, valid } from './parse.ts';

/** Every key of r1.5.0 configs/llama2/pretrain_llama2_7b.yaml, with r1.1.0's callback (behaviour §4.6). */
const llama2 = `
seed: 0
output_dir: './output'
load_checkpoint: ''
src_strategy_path_or_dir: ''
auto_trans_ckpt: False
only_save_strategy: False
resume_training: False
run_mode: 'train'
trainer: {type: CausalLanguageModelingTrainer, model_name: 'llama2_7b'}
runner_config: {epochs: 2, batch_size: 1, sink_mode: True, sink_size: 2, gradient_accumulation_steps: 8}
optimizer: {type: FP32StateAdamWeightDecay, beta1: 0.9, beta2: 0.95, eps: 1.e-8, learning_rate: 5.e-5}
lr_schedule: {type: CosineWithWarmUpLR, learning_rate: 5.e-5, lr_end: 0, warmup_ratio: 0.03, total_steps: -1}
train_dataset: &train_dataset
  data_loader: {type: MindDataset, dataset_dir: "", shuffle: True}
  input_columns: ["input_ids"]
  num_parallel_workers: 8
  python_multiprocessing: False
  drop_remainder: True
  batch_size: 6
  repeat: 1
  numa_enable: False
  prefetch_size: 1
train_dataset_task: {type: CausalLanguageModelDataset, dataset_config: *train_dataset}
do_eval: False
eval_dataset: &eval_dataset
  data_loader: {type: MindDataset, dataset_dir: "", shuffle: False}
  input_columns: ["input_ids"]
  drop_remainder: False
eval_dataset_task: {type: CausalLanguageModelDataset, dataset_config: *eval_dataset}
use_parallel: True
parallel:
  parallel_mode: 1
  gradients_mean: False
  enable_alltoall: False
  full_batch: True
  search_mode: "sharding_propagation"
  enable_parallel_optimizer: True
  strategy_ckpt_save_file: "./ckpt_strategy.ckpt"
  parallel_optimizer_config: {gradient_accumulation_shard: False, parallel_optimizer_threshold: 64}
parallel_config: {data_parallel: 8, model_parallel: 1, pipeline_stage: 1, use_seq_parallel: False, micro_batch_num: 1, vocab_emb_dp: True, gradient_aggregation_group: 4}
micro_batch_interleave_num: 1
recompute_config: {recompute: False, select_recompute: False, parallel_optimizer_comm_recompute: False, mp_comm_recompute: True, recompute_slice_activation: True}
callbacks:
  - type: MFLossMonitor
  - type: CheckpointMointor
    prefix: "llama2_7b"
    save_checkpoint_steps: 100
    integrated_save: False
    async_save: False
  - type: ObsMonitor
context: {mode: 0, device_target: "Ascend", enable_graph_kernel: False, graph_kernel_flags: "--opt_level=0", max_call_depth: 10000, max_device_memory: "58GB", save_graphs: False, save_graphs_path: "./graph", device_id: 0, runtime_num_threads: 1}
model:
  model_config:
    type: LlamaConfig
    batch_size: 1
    seq_length: 4096
    hidden_size: 4096
    num_layers: 32
    num_heads: 32
    vocab_size: 32000
    multiple_of: 256
    rms_norm_eps: 1.0e-5
    bos_token_id: 1
    eos_token_id: 2
    pad_token_id: 0
    ignore_token_id: -100
    compute_dtype: "float16"
    layernorm_compute_type: "float32"
    softmax_compute_type: "float16"
    rotary_dtype: "float16"
    param_init_type: "float16"
    use_past: False
    pretrain_seqlen: 4096
    extend_method: "None"
    scaling_factor: 1.0
    compute_in_2d: False
    use_flash_attention: True
    offset: 0
    use_past_shard: False
    checkpoint_name_or_path: "llama2_7b"
    repetition_penalty: 1
    max_decode_length: 512
    top_k: 3
    top_p: 1
    do_sample: False
  arch: {type: LlamaForCausalLM}
processor:
  return_tensors: ms
  tokenizer: {unk_token: '<unk>', bos_token: '<s>', eos_token: '</s>', pad_token: '<unk>', type: LlamaTokenizer}
  type: LlamaProcessor
metric: {type: PerplexityMetric}
runner_wrapper:
  type: MFTrainOneStepCell
  scale_sense: {type: DynamicLossScaleUpdateCell, loss_scale_value: 65536, scale_factor: 2, scale_window: 1000}
  use_clip_grad: True
eval_callbacks: [{type: ObsMonitor}]
auto_tune: False
filepath_prefix: './autotune'
autotune_per_step: 10
profile: False
profile_start_step: 1
profile_stop_step: 10
init_start_profile: False
profile_communication: False
profile_memory: True
layer_scale: False
layer_decay: 0.65
lr_scale_factor: 256
remote_save_url: "Please input obs url on AICC platform."
`;

test('a Llama 2 file has no error, and its one warning is about sections without a use', async () => {
  const { config, warnings } = await valid(llama2);
  expect(warnings.map(({ message }) => message)).toEqual([
    'not looked at in run_mode train: processor, eval_dataset, eval_dataset_task, eval_callbacks',
  ]);
  expect(config.model?.model_config).toMatchObject({ seq_length: 4096, intermediate_size: null, multiple_of: 256 });
  expect(config.parallel_config.data_parallel).toBe(8);
  expect(config.train_dataset?.batch_size).toBe(6);
});

/** What r1.5.0 research/qwen1_5 has beside that (behaviour §4.7, qwen-llama-data §2.2 and §2.4). */
const qwen = `
run_mode: 'finetune'
eval_step_interval: -1
eval_epoch_interval: 50
optimizer: {type: AdamW, beta1: 0.9, beta2: 0.95, eps: 1.e-8, learning_rate: 1.e-6, weight_decay: 0.01}
lr_schedule: {type: CosineWithWarmUpLR, learning_rate: 1.e-6, warmup_ratio: 0, total_steps: -1}
context: {max_device_memory: "55GB", jit_config: {jit_level: "O1"}, ascend_config: {precision_mode: "must_keep_origin_dtype"}}
parallel: {strategy_ckpt_config: {save_file: "./ckpt_strategy.ckpt", only_trainable_params: False}}
parallel_config: {data_parallel: 1, model_parallel: 2, pipeline_stage: 4, optimizer_shard: True}
runner_wrapper: {type: MFTrainOneStepCell, use_clip_grad: True}
model:
  model_config:
    type: LlamaConfig
    intermediate_size: 11008
    n_kv_heads: 8
    qkv_has_bias: True
    theta: 1000000.0
    max_position_embedding: 32768
    emb_dropout_prob: 0.0
    eos_token_id: [151645, 151643]
    compute_dtype: "bfloat16"
    fine_grain_interleave: 1
    qkv_concat: False
    block_size: 32
    num_blocks: 128
    offset: [-1, 1, 1, -1]
    top_p: 0.8
    rotary_pct: 1.0
    rotary_emb_base: 1000000
    kv_channels: 128
    auto_map: {AutoTokenizer: [qwen1_5_tokenizer.Qwen2Tokenizer, Null]}
  arch: {type: LlamaForCausalLM}
processor:
  tokenizer:
    model_max_length: 4096
    vocab_file: "/path/vocab.json"
    merges_file: "/path/merges.txt"
    unk_token: None
    type: Qwen2Tokenizer
    auto_register: qwen1_5_tokenizer.Qwen2Tokenizer
    chat_template: "{% for message in messages %}{{ message }}{% endfor %}"
  type: Qwen2Processor
`;

test('a Qwen file has no error and no unknown key; the class that takes betas gets beta1 and beta2', async () => {
  const { config, warnings, accepted } = await valid(qwen);
  expect(brief(warnings)).toEqual(['sections-unused 33:1']);
  expect(config.optimizer).toMatchObject({ type: 'AdamW', betas: [0.9, 0.95] });
  expect(config.runner_wrapper.scale_sense).toBe(1);
  expect(config.model?.model_config).toMatchObject({
    n_kv_heads: 8,
    offset: [-1, 1, 1, -1],
    residual_dtype: 'bfloat16',
  });
  expect(config.processor?.tokenizer).toMatchObject({ unk_token: 'None', model_max_length: 4096 });
  expect(config.parallel.strategy_ckpt_config.only_trainable_params).toBe(false);
  expect(accepted.map(({ path }) => path.join('.'))).toContain('model.model_config.kv_channels');
});

/** A file of r1.8: the model comes from a Hugging Face folder and is no LlamaConfig. */
const mcore = `
seed: 42
use_legacy: False
load_ckpt_format: "safetensors"
pretrained_model_dir: "/path/hf_dir"
print_separate_loss: True
run_mode: 'predict'
parallel: {parallel_mode: "MANUAL_PARALLEL", full_batch: False, dataset_strategy: [[1, 1], [1, 1]]}
parallel_config: {expert_parallel: 1, seq_split_num: 1}
model: {model_config: {compute_dtype: "bfloat16", params_dtype: "bfloat16", layernorm_compute_dtype: "float32", model_type: qwen3}}
callbacks: [{type: TrainingStateMonitor}, {type: CheckpointMonitor, checkpoint_format: safetensors, remove_redundancy: True, save_checkpoint_steps: 5}]
`;

test('a file of another model family passes a check with the reasons why a run will refuse it', async () => {
  const { config, warnings } = await valid(mcore);
  expect(config.model).toBeNull();
  expect(warnings.map(({ code }) => code).sort()).toEqual(['mode-unsupported', 'model-unsupported', 'sections-unused']);
});
