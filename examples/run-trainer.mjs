/**
 * The documents' second case, field for field: one device, no data sinking, through the Trainer.
 *
 *   node run-trainer.mjs
 *   node run-trainer.mjs ./output/checkpoint/rank_0/CKP_rank_0-3_4.ckpt      resumes after step 24
 */
import { AutoModelForCausalLM, buildContext, Trainer, TrainingArguments } from '@cairn/runtime/mindformers';
import { makeData } from './llama-2layer/make-data.mjs';

await makeData('./data');

const trainArgs = new TrainingArguments({
  use_parallel: false,
  num_train_epochs: 5,
  sink_mode: false,
  save_steps: 6,
  save_total_limit: 20,
  logging_steps: 2,
  per_device_train_batch_size: 4,
  train_dataset_in_columns: ['input_ids'],
  dataset_task: 'CausalLanguageModelDataset',
  dataset_type: 'MindDataset',
});

await buildContext(trainArgs);

// Sizes reduced so that it trains in half a minute; the documents reduce them in run_llama_7b.yaml.
const model = AutoModelForCausalLM.fromPretrained('llama_7b', {
  download_checkpoint: false,
  seq_length: 512,
  hidden_size: 64,
  num_layers: 2,
  num_heads: 4,
  compute_dtype: 'float32',
  softmax_compute_type: 'float32',
  rotary_dtype: 'float32',
  param_init_type: 'float32',
});

const trainer = new Trainer({ args: trainArgs, model, train_dataset: './data' });

const checkpoint = process.argv[2];
if (checkpoint === undefined) await trainer.train();
else await trainer.train({ resume_from_checkpoint: checkpoint, resume_training: true });
