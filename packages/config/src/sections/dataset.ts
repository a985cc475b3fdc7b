import type { Keys } from '../keys/key.ts';
import { key, section } from '../keys/key.ts';
import { either, flag, orNull, path, text, texts, whole } from '../keys/leaf.ts';

/** Where the rows come from. */
export interface DataLoaderConfig {
  readonly type: string;
  readonly dataset_dir: string | readonly string[];
  readonly dataset_files: string | readonly string[] | null;
  readonly shuffle: boolean | string;
  readonly num_samples: number | null;
  readonly column_names: readonly string[] | null;
}

/** A data set and how its rows become batches. */
export interface DatasetConfig {
  readonly data_loader: DataLoaderConfig;
  readonly input_columns: readonly string[] | null;
  readonly output_columns: readonly string[] | null;
  readonly column_order: readonly string[] | null;
  readonly batch_size: number | null;
  readonly drop_remainder: boolean;
  readonly repeat: number;
  readonly seed: number | null;
  readonly num_parallel_workers: number;
  readonly prefetch_size: number;
  readonly eod_reset: boolean;
}

/** What kind of task a data set serves; its `dataset_config` is the data set section again and not kept. */
export interface DatasetTaskConfig {
  readonly type: string;
}

/** How train_dataset.data_loader is read. */
const dataLoaderKeys: Keys<DataLoaderConfig> = {
  type: key(text, 'MindDataset', 'Kind of data loader.'),
  dataset_dir: key(either(path, texts), '', 'MindRecord file, several, or a folder of them.'),
  dataset_files: key(orNull(either(path, texts)), null, 'MindRecord files; wins over dataset_dir.'),
  shuffle: key(either(flag, text), true, 'Shuffle rows before every epoch: True, False, or global, files, infile.'),
  num_samples: key(orNull(whole(1)), null, 'Rows to use; unset = all.'),
  column_names: key(orNull(texts), null, 'Columns of a loader that makes its own rows.'),
};

/** How train_dataset and eval_dataset are read. */
export const datasetKeys: Keys<DatasetConfig> = {
  data_loader: section('Where the rows come from.', dataLoaderKeys),
  input_columns: key(orNull(texts), null, 'Columns to read, in the order the network takes them.'),
  output_columns: key(orNull(texts), null, 'Their names after the task; unset = as they are.'),
  column_order: key(orNull(texts), null, 'Order in which output columns reach the network.'),
  batch_size: key(orNull(whole(1)), null, 'Ignored: runner_config.batch_size decides.'),
  drop_remainder: key(flag, true, 'Leave out the last rows that do not fill a batch.'),
  repeat: key(whole(1), 1, 'How often the rows are repeated in one epoch.'),
  seed: key(orNull(whole()), null, 'Seed of the shuffling; unset = the seed of the run.'),
  num_parallel_workers: key(whole(1), 8, 'Threads that read ahead.'),
  prefetch_size: key(whole(1), 1, 'Batches held ready.'),
  eod_reset: key(flag, false, 'Restart positions and attention after an end-of-document token.'),
};

/** How train_dataset_task and eval_dataset_task are read. */
export const datasetTaskKeys: Keys<DatasetTaskConfig> = {
  type: key(text, 'CausalLanguageModelDataset', 'Kind of task.'),
};
