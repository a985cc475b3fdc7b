export type { Override } from './apply-overrides.ts';
export { blocksRun, ConfigError, formatIssue, formatPlace, isConfigError } from './config-issue.ts';
export type { ConfigIssue, ConfigIssueCode, IssuePlace } from './config-issue.ts';
export { dotted } from './config-value.ts';
export type { ConfigMap, ConfigPath, ConfigScalar, ConfigValue, FilePlace, Origin } from './config-value.ts';
export type { RunEnvironment } from './environment.ts';
export { parseRunFlags } from './flags/parse-run-flags.ts';
export type { RunFlags, RunFlagsResult } from './flags/parse-run-flags.ts';
export { RUN_FLAGS } from './flags/run-flags.ts';
export type { FlagTarget, RunFlag } from './flags/run-flags.ts';
export { jsonSchema } from './json-schema.ts';
export type { JsonSchema } from './json-schema.ts';
export type { DType } from './keys/leaf.ts';
export type { AcceptedKey, ActedKey } from './keys/reading.ts';
export type { Origins } from './origins.ts';
export { configValue, expectConfig, parseConfig } from './parse-config.ts';
export type { ConfigInput, ConfigResult, InvalidConfig, ValidConfig } from './parse-config.ts';
export type { ConfigSections, ExpertsConfig, MetricConfig, RunConfig } from './run-config.ts';
export type {
  CallbackConfig,
  CheckpointMonitorConfig,
  LossMonitorConfig,
  OtherCallbackConfig,
} from './sections/callbacks.ts';
export type { ContextConfig } from './sections/context.ts';
export type { DataLoaderConfig, DatasetConfig, DatasetTaskConfig } from './sections/dataset.ts';
export type { GeneralConfig } from './sections/general.ts';
export type { LoraConfig } from './sections/lora.ts';
export type { LrScheduleConfig } from './sections/lr-schedule.ts';
export type { ArchConfig, ModelConfig } from './sections/model-section.ts';
export type { LlamaConfig } from './sections/model.ts';
export type { ParallelMode, RunMode } from './sections/modes.ts';
export type { OptimizerConfig } from './sections/optimizer.ts';
export type {
  ParallelConfig,
  ParallelContext,
  ParallelOptimizerConfig,
  PipelineConfig,
  StrategyFileConfig,
} from './sections/parallel.ts';
export type { ProcessorConfig, TokenizerConfig } from './sections/processor.ts';
export type { RecomputeConfig, RecomputeSelection } from './sections/recompute.ts';
export type { LossScaleConfig, RunnerWrapperConfig } from './sections/runner-wrapper.ts';
export type { RunnerConfig, TrainerConfig } from './sections/trainer.ts';
export { renderConfig, showConfig } from './show-config.ts';
export type { ShownConfig, ShownKey, ShownVariable } from './show-config.ts';
export { configFromTrainingArguments } from './training-arguments/config-from-training-arguments.ts';
export type {
  TrainingArgumentsInput,
  TrainingArgumentsResult,
} from './training-arguments/config-from-training-arguments.ts';
export type { TrainingFields } from './training-arguments/training-fields.ts';
