import type { Keys } from '../keys/key.ts';
import { key } from '../keys/key.ts';
import { countOrAll, flag, text, whole } from '../keys/leaf.ts';

/** Which trainer runs and what the model is called. */
export interface TrainerConfig {
  readonly type: string;
  readonly model_name: string;
}

/** How the trainer section is read. */
export const trainerKeys: Keys<TrainerConfig> = {
  type: key(text, 'CausalLanguageModelingTrainer', 'Kind of training.'),
  model_name: key(text, '', 'Name of the model, for logs.'),
};

/** How long and in which steps a run goes. */
export interface RunnerConfig {
  readonly epochs: number;
  readonly batch_size: number;
  readonly sink_mode: boolean;
  readonly sink_size: number;
  readonly gradient_accumulation_steps: number;
}

/** How runner_config is read. */
export const runnerKeys: Keys<RunnerConfig> = {
  epochs: key(whole(1), 1, 'Passes over the data set.'),
  batch_size: key(whole(1), 1, 'Rows one device takes in one forward pass; replaces train_dataset.batch_size.'),
  sink_mode: key(flag, true, 'Run sink_size steps on the device before looking at results.'),
  sink_size: key(
    countOrAll('a whole epoch'),
    2,
    'Steps in one sink; -1 = a whole epoch.',
    'documents 001 and 003 (upstream: 1 or 2)',
  ),
  gradient_accumulation_steps: key(whole(1), 1, 'Batches whose gradients make one step; not with pipeline stages.'),
};
