import fs from 'node:fs';
import path from 'node:path';
import { writeMindRecord } from '@cairn/mindrecord';
import { localFolder } from '@cairn/storage';
import { temporaryFolder } from './cairn.ts';

/** A model of a few thousand parameters on two ranks: 16 rows of 9 tokens, 4 steps an epoch. */
const YAML = `seed: 3
run_mode: train
use_parallel: True
runner_config: { epochs: 2, batch_size: 2, sink_mode: True, sink_size: 2 }
optimizer: { type: AdamW }
lr_schedule: { type: ConstantWarmUpLR, learning_rate: 1.e-2, warmup_steps: 0 }
parallel: { parallel_mode: 1, full_batch: True }
parallel_config: { data_parallel: 2, model_parallel: 1, pipeline_stage: 1, micro_batch_num: 1 }
train_dataset:
  data_loader: { type: MindDataset, dataset_dir: ./data, shuffle: True }
  input_columns: [input_ids]
callbacks:
  - { type: CheckpointMonitor, prefix: tiny, save_checkpoint_steps: 4 }
model:
  model_config:
    { type: LlamaConfig, seq_length: 8, hidden_size: 16, num_layers: 2, num_heads: 2, vocab_size: 16, intermediate_size: 24,
      compute_dtype: float32, param_init_type: float32 }
  arch: { type: LlamaForCausalLM }
`;

/** A folder with the data and `tiny.yaml`, the configuration of a run on two ranks. */
export async function tinyRunFolder(epochs = 2): Promise<string> {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, 'data'));
  fs.writeFileSync(path.join(folder, 'tiny.yaml'), YAML.replace('epochs: 2', `epochs: ${epochs}`));
  await writeMindRecord(localFolder(path.join(folder, 'data')), 'tiny.mindrecord', {
    schema: { input_ids: { type: 'int32', shape: [-1] } },
    rows: Array.from({ length: 16 }, (_, row) => ({
      input_ids: Int32Array.from({ length: 9 }, (_, i) => 1 + ((row * 7 + i * i) % 15)),
    })),
    headerBytes: 2 ** 14,
    pageBytes: 2 ** 15,
  });
  return folder;
}
