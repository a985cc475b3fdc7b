import type { ConfigValue } from '../config-value.ts';

/** Optimizers TrainingArguments names in any release (behaviour §5.1). */
export type OptimizerName =
  | 'AdamW'
  | 'AdamWeightDecay'
  | 'adamw'
  | 'adam'
  | 'sgd'
  | 'adagrad'
  | 'adafactor'
  | 'fused_adamw'
  | 'fp32_adamw';

/** Learning rate schedules it names. */
export type ScheduleName = 'cosine' | 'linear' | 'cosine_with_restarts' | 'polynomial' | 'constant_with_warmup';

/** The fields of MindFormers' TrainingArguments of all releases, under upstream's names; null = not set. */
export interface TrainingFields extends RunArguments, DeviceArguments, OptimizationArguments, DataArguments {}

/** Run, checkpoints in, resume. */
export interface RunArguments {
  readonly output_dir: string;
  readonly overwrite_output_dir: boolean;
  readonly seed: number;
  readonly data_seed: number | null;
  readonly only_save_strategy: boolean;
  readonly auto_trans_ckpt: boolean;
  readonly transform_process_num: number;
  readonly src_strategy: string | null;
  readonly resume_from_checkpoint: string | null;
  readonly resume_training: boolean | string | null;
  readonly ignore_data_skip: boolean;
  readonly data_skip_steps: number | null;
  readonly do_train: boolean;
  readonly do_eval: boolean;
  readonly do_predict: boolean;
  readonly check_for_nan_in_loss_and_grad: boolean;
  readonly calculate_per_token_loss: boolean;
  readonly prediction_loss_only: boolean;
  readonly remote_save_url: string | null;
  readonly batch_size: number | null;
  readonly num_train_epochs: number;
  readonly sink_mode: boolean;
  readonly sink_size: number;
  readonly gradient_accumulation_steps: number;
}

/** Devices and how work is shared between them. */
export interface DeviceArguments {
  readonly mode: number;
  readonly device_id: number;
  readonly device_target: string;
  readonly max_call_depth: number;
  readonly max_device_memory: string;
  readonly save_graphs: boolean;
  readonly save_graphs_path: string;
  readonly enable_graph_kernel: boolean | null;
  readonly graph_kernel_flags: string | null;
  readonly use_cpu: boolean;
  readonly use_parallel: boolean;
  readonly micro_batch_interleave_num: number;
  readonly parallel_mode: number | string;
  readonly gradients_mean: boolean;
  readonly loss_repeated_mean: boolean;
  readonly enable_alltoall: boolean;
  readonly full_batch: boolean;
  readonly dataset_strategy: string | readonly ConfigValue[];
  readonly search_mode: string;
  readonly enable_parallel_optimizer: boolean;
  readonly strategy_ckpt_save_file: string;
  readonly gradient_accumulation_shard: boolean;
  readonly parallel_optimizer_threshold: number;
  readonly optimizer_weight_shard_size: number;
  readonly data_parallel: number;
  readonly model_parallel: number;
  readonly expert_parallel: number;
  readonly pipeline_stage: number;
  readonly micro_batch_num: number;
  readonly gradient_aggregation_group: number;
  readonly use_seq_parallel: boolean;
  readonly vocab_emb_dp: boolean;
  readonly expert_num: number;
  readonly capacity_factor: number;
  readonly aux_loss_factor: number;
  readonly num_experts_chosen: number;
  readonly recompute: boolean;
  readonly select_recompute: boolean;
  readonly parallel_optimizer_comm_recompute: boolean;
  readonly mp_comm_recompute: boolean;
  readonly recompute_slice_activation: boolean;
}

/** Optimizer, schedule, wrapper. */
export interface OptimizationArguments {
  readonly optim: OptimizerName;
  readonly adam_beta1: number;
  readonly adam_beta2: number;
  readonly adam_epsilon: number;
  readonly weight_decay: number;
  readonly layer_scale: boolean;
  readonly layer_decay: number;
  readonly lr_scale: boolean;
  readonly lr_scale_factor: number;
  readonly lr_scheduler_type: ScheduleName;
  readonly learning_rate: number;
  readonly lr_end: number;
  readonly warmup_lr_init: number;
  readonly warmup_epochs: number | null;
  readonly warmup_ratio: number | null;
  readonly warmup_steps: number;
  readonly total_steps: number;
  readonly wrapper_type: string;
  readonly use_clip_grad: boolean;
  readonly max_grad_norm: number;
  readonly scale_sense: string | number;
  readonly loss_scale_value: number;
  readonly loss_scale_factor: number;
  readonly loss_scale_window: number;
  readonly max_scale_window: number;
  readonly min_scale_window: number;
}

/** Data sets, evaluation, logging, saving, profiling. */
export interface DataArguments {
  readonly dataset_task: string | null;
  readonly dataset_type: string | null;
  readonly train_dataset: string | null;
  readonly train_dataset_in_columns: readonly string[] | null;
  readonly train_dataset_out_columns: readonly string[] | null;
  readonly eval_dataset: string | null;
  readonly eval_dataset_in_columns: readonly string[] | null;
  readonly eval_dataset_out_columns: readonly string[] | null;
  readonly shuffle: boolean;
  readonly dataloader_drop_last: boolean;
  readonly repeat: number;
  readonly dataloader_num_workers: number;
  readonly python_multiprocessing: boolean;
  readonly numa_enable: boolean;
  readonly prefetch_size: number;
  readonly per_device_train_batch_size: number;
  readonly per_device_eval_batch_size: number;
  readonly metric_type: string | readonly string[] | null;
  readonly logging_strategy: 'steps' | 'no' | 'epoch';
  readonly logging_steps: number;
  readonly save_prefix: string;
  readonly save_directory: string | null;
  readonly save_strategy: 'steps' | 'seconds' | 'no';
  readonly save_steps: number;
  readonly save_seconds: number | null;
  readonly save_total_limit: number | null;
  readonly keep_checkpoint_per_n_minutes: number;
  readonly save_on_each_node: boolean;
  readonly integrated_save: boolean | null;
  readonly save_network_params: boolean;
  readonly save_trainable_params: boolean;
  readonly async_save: boolean;
  readonly evaluation_strategy: 'no' | 'steps' | 'epoch';
  readonly eval_steps: number | null;
  readonly eval_epochs: number | null;
  readonly profile: boolean;
  readonly profile_start_step: number;
  readonly profile_end_step: number;
  readonly init_start_profile: boolean;
  readonly profile_communication: boolean;
  readonly profile_memory: boolean;
  readonly auto_tune: boolean;
  readonly filepath_prefix: string;
  readonly autotune_per_step: number;
  readonly push_to_hub: boolean;
  readonly hub_model_id: string | null;
  readonly hub_strategy: string;
  readonly hub_token: string | null;
  readonly hub_private_repo: boolean;
  readonly hub_always_push: boolean;
}
