import type { ConfigValue } from '../config-value.ts';
import type { Keys } from '../keys/key.ts';
import { key, section } from '../keys/key.ts';
import { anyList, either, flag, orNull, path, text, whole } from '../keys/leaf.ts';
import { parallelMode } from './modes.ts';
import type { ParallelMode } from './modes.ts';

/** How parameters and data lie on the devices. */
export interface ParallelConfig {
  readonly data_parallel: number;
  readonly model_parallel: number;
  readonly context_parallel: number;
  readonly expert_parallel: number;
  readonly pipeline_stage: number;
  readonly micro_batch_num: number;
  readonly seq_split_num: number;
  readonly use_seq_parallel: boolean;
  readonly optimizer_shard: boolean | null;
  readonly gradient_aggregation_group: number;
  readonly vocab_emb_dp: boolean;
  readonly context_parallel_algo: string;
  readonly ulysses_degree_in_cp: number;
}

/** How parallel_config is read (template of behaviour §4.2). */
export const parallelConfigKeys: Keys<ParallelConfig> = {
  data_parallel: key(whole(1), 1, 'Copies of the model that share the batch.'),
  model_parallel: key(whole(1), 1, 'Pieces each weight is cut into.'),
  context_parallel: key(whole(1), 1, 'Pieces the sequence is cut into.'),
  expert_parallel: key(whole(1), 1, 'Pieces the experts are spread over (no effect without experts).'),
  pipeline_stage: key(whole(1), 1, 'Groups of layers that work one after another.'),
  micro_batch_num: key(whole(1), 1, 'Micro batches in flight; counts with pipeline stages only.'),
  seq_split_num: key(whole(1), 1, 'Pieces of a sequence in sequence pipelines.'),
  use_seq_parallel: key(flag, false, 'Split activations between model-parallel ranks outside of attention.'),
  optimizer_shard: key(orNull(flag), null, 'Older name of parallel.enable_parallel_optimizer.'),
  gradient_aggregation_group: key(whole(1), 4, 'Gradients sent in groups of this many.'),
  vocab_emb_dp: key(flag, true, 'Keep the embedding whole on each rank; False with pipeline stages.'),
  context_parallel_algo: key(text, 'colossalai_cp', 'colossalai_cp, ulysses_cp or hybrid_cp.'),
  ulysses_degree_in_cp: key(whole(1), 1, 'Ulysses part of hybrid_cp.'),
};

/** MindSpore's auto-parallel context. */
export interface ParallelContext {
  readonly parallel_mode: ParallelMode;
  readonly full_batch: boolean;
  readonly gradients_mean: boolean;
  readonly enable_parallel_optimizer: boolean;
  readonly parallel_optimizer_config: ParallelOptimizerConfig;
  readonly dataset_strategy: string | readonly ConfigValue[] | null;
  readonly strategy_ckpt_save_file: string;
  readonly strategy_ckpt_load_file: string;
  readonly strategy_ckpt_config: StrategyFileConfig;
  readonly pipeline_config: PipelineConfig;
  readonly auto_pipeline: boolean;
}

/** How optimizer state is spread over data-parallel ranks. */
export interface ParallelOptimizerConfig {
  readonly gradient_accumulation_shard: boolean;
  readonly parallel_optimizer_threshold: number;
  readonly optimizer_weight_shard_size: number;
}

/** The newer spelling of the strategy file keys; only `only_trainable_params` is its own. */
export interface StrategyFileConfig {
  readonly only_trainable_params: boolean;
}

/** Order of the stages' work. */
export interface PipelineConfig {
  readonly pipeline_interleave: boolean;
  readonly pipeline_scheduler: string;
}

/** How parallel.parallel_optimizer_config is read. */
const parallelOptimizerKeys: Keys<ParallelOptimizerConfig> = {
  gradient_accumulation_shard: key(flag, false, 'Spread accumulated gradients too.'),
  parallel_optimizer_threshold: key(whole(0), 64, 'Parameters below this many KiB stay whole.'),
  optimizer_weight_shard_size: key(whole(-1), -1, 'Ranks that share one optimizer state; -1 = all copies.'),
};

/** How parallel.strategy_ckpt_config is read; save_file and load_file go to the older keys. */
const strategyFileKeys: Keys<StrategyFileConfig> = {
  only_trainable_params: key(flag, true, 'Strategy files list trainable parameters only.', 'MindSpore'),
};

/** How parallel.pipeline_config is read. */
const pipelineKeys: Keys<PipelineConfig> = {
  pipeline_interleave: key(flag, false, 'Give each stage several groups of layers.'),
  pipeline_scheduler: key(text, '1f1b', 'Order of forward and backward passes.'),
};

/** How the parallel section is read. */
export const parallelKeys: Keys<ParallelContext> = {
  parallel_mode: key(parallelMode, 'semi_auto_parallel', 'How work is shared: 0 data parallel, 1 semi-automatic, ...'),
  full_batch: key(flag, true, 'Every rank reads the whole batch and takes its part.'),
  gradients_mean: key(flag, false, 'Average gradients of data-parallel ranks; False sums them.'),
  enable_parallel_optimizer: key(flag, false, 'Spread optimizer state over data-parallel ranks.'),
  parallel_optimizer_config: section('How optimizer state is spread.', parallelOptimizerKeys),
  dataset_strategy: key(orNull(either(text, anyList)), null, 'How a batch is cut when full_batch is False.'),
  strategy_ckpt_save_file: key(path, './ckpt_strategy.ckpt', 'Strategy file; its name counts, its folder does not.'),
  strategy_ckpt_load_file: key(path, '', 'Strategy of the checkpoint to load.'),
  strategy_ckpt_config: section('Newer spelling of the strategy file keys.', strategyFileKeys),
  pipeline_config: section("Order of the stages' work.", pipelineKeys),
  auto_pipeline: key(flag, false, 'Must stay False.'),
};
