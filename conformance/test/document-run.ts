import fs from 'node:fs';
import path from 'node:path';
import { writeMindRecord } from '@cairn/mindrecord';
import { localFolder } from '@cairn/storage';
import { workFolder } from './run-cairn.ts';

const SEQ_LENGTH = 32;
const VOCABULARY = 259;

/** The documents' run at a size that trains in a second: 40 rows, batch 4, 5 epochs of 10 steps, data sinking. */
const YAML = `seed: 0
output_dir: './output'
run_mode: 'train'
load_checkpoint: ''
resume_training: False
auto_trans_ckpt: False
use_parallel: False
trainer:
  type: CausalLanguageModelingTrainer
  model_name: 'llama_7b'
runner_config:
  epochs: 5
  batch_size: 4
  sink_mode: True
  sink_size: 2
optimizer:
  type: FP32StateAdamWeightDecay
  beta1: 0.9
  beta2: 0.95
  eps: 1.e-8
lr_schedule:
  type: CosineWithWarmUpLR
  learning_rate: 1.e-3
  lr_end: 1.e-5
  warmup_ratio: 0.03
  total_steps: -1
train_dataset: &train_dataset
  data_loader:
    type: MindDataset
    dataset_dir: './data'
    shuffle: True
  input_columns: ["input_ids"]
  batch_size: 4
  repeat: 1
  drop_remainder: True
train_dataset_task:
  type: CausalLanguageModelDataset
  dataset_config: *train_dataset
callbacks:
  - type: MFLossMonitor
  - type: CheckpointMonitor
    prefix: 'llama_7b'
    save_checkpoint_steps: 5
    keep_checkpoint_max: 20
    integrated_save: False
    async_save: False
context:
  mode: 0
model:
  model_config:
    type: LlamaConfig
    seq_length: ${SEQ_LENGTH}
    hidden_size: 64
    num_layers: 2
    num_heads: 4
    vocab_size: ${VOCABULARY}
    multiple_of: 32
    rms_norm_eps: 1.0e-6
    compute_dtype: 'float32'
    layernorm_compute_type: 'float32'
    softmax_compute_type: 'float32'
    rotary_dtype: 'float32'
    param_init_type: 'float32'
  arch:
    type: LlamaForCausalLM
runner_wrapper:
  type: MFTrainOneStepCell
  scale_sense:
    type: DynamicLossScaleUpdateCell
    loss_scale_value: 65536
    scale_factor: 2
    scale_window: 7
  use_clip_grad: True
`;

/** A folder with `run.yaml` and its data set: 40 rows of bytes-as-ids, of a text that can be learnt. */
export async function documentFolder(): Promise<string> {
  const folder = workFolder();
  fs.writeFileSync(path.join(folder, 'run.yaml'), YAML);
  await writeRows(path.join(folder, 'data'), 40);
  return folder;
}

/** Writes `rows` rows of SEQ_LENGTH + 1 ids as `train.mindrecord`. */
export async function writeRows(folder: string, rows: number): Promise<void> {
  const words = ['the ', 'trail ', 'of stones ', 'marks ', 'a way ', 'for those ', 'who come ', 'after. '];
  let state = 7;
  const next = (): string => {
    state = (state * 48271) % 2147483647;
    return words[state % words.length]!;
  };
  const row = (): { input_ids: Int32Array } => {
    let text = '';
    while (text.length < SEQ_LENGTH + 1) text += next();
    return { input_ids: Int32Array.from(text.slice(0, SEQ_LENGTH + 1), (letter) => letter.charCodeAt(0) + 3) };
  };
  fs.mkdirSync(folder, { recursive: true });
  await writeMindRecord(localFolder(folder), 'train.mindrecord', {
    schema: { input_ids: { type: 'int32', shape: [-1] } },
    rows: Array.from({ length: rows }, row),
    headerBytes: 2 ** 14,
    pageBytes: 2 ** 15,
  });
}
