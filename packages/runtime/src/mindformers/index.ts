export { AutoModel, AutoModelForCausalLM } from './auto-model.ts';
export type { PretrainedModel, PretrainedOptions } from './auto-model.ts';
export { buildContext } from './build-context.ts';
export { Trainer } from './trainer.ts';
export type { TrainerOptions, TrainOptions } from './trainer.ts';
export { TrainingArguments } from './training-arguments.ts';
