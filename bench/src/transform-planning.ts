import path from 'node:path';
import { configStrategy, writeStrategyFile } from '@cairn/runtime';
import type { Finding } from './measure.ts';
import { writeRanks } from './transform-data.ts';
import { watchCairn } from './watch-cairn.ts';

/** Qwen1.5-72B with the states of its optimizer, as its published configuration has it. */
const YAML = (data: number): string => `
use_parallel: True
parallel: { parallel_mode: 1, enable_parallel_optimizer: True }
parallel_config: { data_parallel: ${data}, model_parallel: 8, pipeline_stage: 4, micro_batch_num: 8 }
runner_config: { epochs: 1, batch_size: 1, sink_mode: True }
optimizer: { type: FP32StateAdamWeightDecay }
train_dataset: { data_loader: { type: MindDataset, dataset_dir: ./data } }
model:
  model_config:
    { type: LlamaConfig, seq_length: 4096, hidden_size: 8192, num_layers: 80, num_heads: 64, vocab_size: 152064,
      intermediate_size: 24576, qkv_has_bias: True, param_init_type: float32 }
  arch: { type: LlamaForCausalLM }
`;

/** Planning 64 ranks to 32 from files on disk: 883 GB of them, all holes. */
export async function transformPlanning(folder: string): Promise<Finding> {
  const [from, to] = [await configStrategy(input(2)), await configStrategy(input(1))];
  writeRanks(path.join(folder, 'src72'), from);
  await writeStrategyFile(path.join(folder, 'from72.ckpt'), from);
  await writeStrategyFile(path.join(folder, 'to72.ckpt'), to);
  const flags = ['--src_checkpoint=src72', '--src_strategy=from72.ckpt', '--dst_strategy=to72.ckpt'];
  const { ms, peakBytes } = await watchCairn(['transform', 'plan', ...flags], folder);
  return {
    what: 'planning Qwen1.5-72B with optimizer states, 64 ranks to 32',
    value: `${(ms / 1000).toFixed(1)} s, ${(peakBytes / 1e6).toFixed(0)} MB`,
    bound: 'under 3 s and 500 MB',
    holds: ms < 3000 && peakBytes < 500e6,
  };
}

function input(data: number): { readonly name: string; readonly text: string } {
  return { name: '72b.yaml', text: YAML(data) };
}
