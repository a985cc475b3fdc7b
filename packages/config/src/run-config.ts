import type { ConfigMap } from './config-value.ts';
import type { RunEnvironment } from './environment.ts';
import type { Key, Keys } from './keys/key.ts';
import { key, oneOrList, optionalSection, section } from './keys/key.ts';
import { text, whole } from './keys/leaf.ts';
import type { CallbackConfig } from './sections/callbacks.ts';
import { callbacksKey } from './sections/callbacks.ts';
import type { ContextConfig } from './sections/context.ts';
import { contextKeys } from './sections/context.ts';
import type { DatasetConfig, DatasetTaskConfig } from './sections/dataset.ts';
import { datasetKeys, datasetTaskKeys } from './sections/dataset.ts';
import type { GeneralConfig } from './sections/general.ts';
import { generalKeys } from './sections/general.ts';
import type { LrScheduleConfig } from './sections/lr-schedule.ts';
import { lrScheduleKeys } from './sections/lr-schedule.ts';
import type { ModelConfig } from './sections/model-section.ts';
import { modelKeys, refuseModel } from './sections/model-section.ts';
import type { OptimizerConfig } from './sections/optimizer.ts';
import { DEFAULT_BETAS, optimizerKeys } from './sections/optimizer.ts';
import type { ParallelConfig, ParallelContext } from './sections/parallel.ts';
import { parallelConfigKeys, parallelKeys } from './sections/parallel.ts';
import type { ProcessorConfig } from './sections/processor.ts';
import { processorKeys } from './sections/processor.ts';
import type { RecomputeConfig } from './sections/recompute.ts';
import { recomputeKeys } from './sections/recompute.ts';
import type { RunnerWrapperConfig } from './sections/runner-wrapper.ts';
import { runnerWrapperKeys } from './sections/runner-wrapper.ts';
import type { RunnerConfig, TrainerConfig } from './sections/trainer.ts';
import { runnerKeys, trainerKeys } from './sections/trainer.ts';

/**
 * One configuration: MindFormers' own structure and names, every key Cairn acts on with a value, frozen in depth.
 * Null means "not set" where that differs from every value.
 */
export interface RunConfig extends ConfigSections {
  /** Every other key of the file, where it stood; list positions are keys too. */
  readonly rest: ConfigMap;
  /** What the environment variables say. */
  readonly environment: RunEnvironment;
}

/** The parts of a {@link RunConfig} that come from keys. */
export interface ConfigSections extends GeneralConfig {
  readonly trainer: TrainerConfig;
  readonly runner_config: RunnerConfig;
  readonly optimizer: OptimizerConfig;
  /** Null = the learning rate stays at optimizer.learning_rate. */
  readonly lr_schedule: LrScheduleConfig | null;
  readonly train_dataset: DatasetConfig | null;
  readonly train_dataset_task: DatasetTaskConfig;
  readonly eval_dataset: DatasetConfig | null;
  readonly eval_dataset_task: DatasetTaskConfig;
  readonly parallel: ParallelContext;
  readonly parallel_config: ParallelConfig;
  readonly recompute_config: RecomputeConfig;
  readonly moe_config: ExpertsConfig;
  readonly callbacks: readonly CallbackConfig[];
  readonly context: ContextConfig;
  /** Null = no model section, or one Cairn cannot run (a warning says which). */
  readonly model: ModelConfig | null;
  readonly runner_wrapper: RunnerWrapperConfig;
  readonly processor: ProcessorConfig | null;
  readonly metric: readonly MetricConfig[];
}

/** Of the experts' keys, the one that must stay 1. */
export interface ExpertsConfig {
  readonly expert_num: number;
}

/** What an evaluation measures. */
export interface MetricConfig {
  readonly type: string;
}

const template = 'template of MindFormers r1.5 and later';

/** What a missing section reads as; a section that is there has only the constructors' defaults (behaviour §4.2). */
const absentWrapper: ConfigMap = {
  use_clip_grad: true,
  scale_sense: { type: 'DynamicLossScaleUpdateCell', loss_scale_value: 65536, scale_factor: 2, scale_window: 1000 },
};
const absentOptimizer: ConfigMap = {
  type: 'AdamW',
  betas: DEFAULT_BETAS,
  learning_rate: 5e-5,
  eps: 1e-8,
  weight_decay: 0,
};

/** The data set section again, as a YAML alias: the section itself is what counts. */
const copies = { copies: ['dataset_config'] };

const keys: Keys<ConfigSections> = {
  ...generalKeys,
  trainer: section('Which trainer runs and what the model is called.', trainerKeys),
  runner_config: section('How long and in which steps a run goes.', runnerKeys),
  optimizer: section('The optimizer.', optimizerKeys, {
    whenAbsent: absentOptimizer,
    why: 'constructor of the optimizer',
  }),
  lr_schedule: optionalSection('The learning rate over time.', lrScheduleKeys, { why: 'constructor of the schedule' }),
  train_dataset: optionalSection('What is trained on.', datasetKeys),
  train_dataset_task: section('What the rows are for.', datasetTaskKeys, copies),
  eval_dataset: optionalSection('What is evaluated on.', datasetKeys),
  eval_dataset_task: section('What the rows are for.', datasetTaskKeys, copies),
  parallel: section("MindSpore's auto-parallel context.", parallelKeys),
  parallel_config: section('How parameters and data lie on the devices.', parallelConfigKeys),
  recompute_config: section('What is computed again instead of kept.', recomputeKeys),
  moe_config: section<ExpertsConfig>('Mixture of experts (not run by Cairn).', {
    expert_num: key(whole(1), 1, 'Experts of a layer; must be 1.'),
  }),
  callbacks: callbacksKey,
  context: section("MindSpore's context.", contextKeys),
  model: optionalSection('The model.', modelKeys, { refuses: refuseModel }),
  runner_wrapper: section('The wrapper around one step.', runnerWrapperKeys, {
    whenAbsent: absentWrapper,
    why: 'constructor of the wrapper',
  }),
  processor: optionalSection('How text becomes tokens.', processorKeys),
  metric: oneOrList<MetricConfig>(
    'What an evaluation measures.',
    section<MetricConfig>('A metric.', { type: key(text, 'PerplexityMetric', 'Class of the metric.') }, { open: true }),
  ),
};

/** The whole configuration as one key: what {@link readKey} starts from. */
export const RUN_CONFIG_KEY: Key<ConfigSections> = section('A run.', keys, { why: template });
