import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ConfigInput } from '@cairn/config';
import type { TrainingEvent } from '@cairn/events';
import { writeMindRecord } from '@cairn/mindrecord';
import { localFolder } from '@cairn/storage';
import { lastValueFrom, toArray } from 'rxjs';
import type { Observable } from 'rxjs';
import { onTestFinished } from 'vitest';

/** A model of a few thousand parameters: 8 rows of 9 tokens, 4 steps an epoch. */
export const TINY_YAML: string = `seed: 1
run_mode: train
runner_config: { epochs: 2, batch_size: 2, sink_mode: False }
optimizer: { type: AdamW }
lr_schedule: { type: ConstantWarmUpLR, learning_rate: 1.e-2, warmup_steps: 0 }
train_dataset:
  data_loader: { type: MindDataset, dataset_dir: ./data, shuffle: True }
  input_columns: [input_ids]
callbacks:
  - { type: CheckpointMonitor, prefix: tiny, save_checkpoint_steps: 4 }
model:
  model_config:
    { type: LlamaConfig, seq_length: 8, hidden_size: 16, num_layers: 1, num_heads: 2, vocab_size: 16, intermediate_size: 24,
      compute_dtype: float32, param_init_type: float32 }
  arch: { type: LlamaForCausalLM }
`;

/** An empty folder that is gone after the test. */
export function workFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder with the data of the tiny run. */
export async function tinyFolder(): Promise<string> {
  const folder = workFolder();
  fs.mkdirSync(path.join(folder, 'data'));
  await writeMindRecord(localFolder(path.join(folder, 'data')), 'tiny.mindrecord', {
    schema: { input_ids: { type: 'int32', shape: [-1] } },
    rows: Array.from({ length: 8 }, (_, row) => ({
      input_ids: Int32Array.from({ length: 9 }, (_, i) => 1 + ((row + i * i) % 15)),
    })),
    headerBytes: 2 ** 14,
    pageBytes: 2 ** 15,
  });
  return folder;
}

/** The tiny run's configuration, some of its text replaced. */
export function tinyInput(...changes: readonly (readonly [string, string])[]): ConfigInput {
  return { name: 'tiny.yaml', text: changes.reduce((text, [from, to]) => text.replace(from, to), TINY_YAML) };
}

/** All events of a run. */
export function eventsOf(run: Observable<TrainingEvent>): Promise<TrainingEvent[]> {
  return lastValueFrom(run.pipe(toArray()));
}
