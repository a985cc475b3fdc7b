/** Runs of several ranks within one process. */
import fs from 'node:fs';
import path from 'node:path';
import { localGroups } from '@cairn/collectives';
import { expectConfig, parseConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { writeMindRecord } from '@cairn/mindrecord';
import { localFolder } from '@cairn/storage';
import { trainRank } from '../src/rank/train-rank.ts';
import { workFolder } from './tiny-run.ts';

export type Step = Extract<EventBody, { type: 'step' }>;

/** How a run is spread, as in its configuration; 8 rows a step however it is. */
export interface Spread {
  /** Of 4 steps each; 3 unless given. */
  readonly epochs?: number;
  readonly dp?: number;
  readonly mp?: number;
  readonly pp?: number;
  readonly cp?: number;
  /** Rows of a micro batch. */
  readonly rows?: number;
  readonly micro?: number;
  readonly interleave?: number;
  readonly accumulate?: number;
  readonly sequence?: boolean;
  readonly wholeVocabulary?: boolean;
  /** Pieces of the optimizer; 0 = none. */
  readonly shards?: number;
  readonly fullBatch?: boolean;
  readonly mode?: 0 | 1;
  readonly added?: boolean;
  readonly tied?: boolean;
  readonly recompute?: boolean;
  readonly learningRate?: number;
  /** Further keys of the CheckpointMonitor. */
  readonly monitor?: string;
}

export function ranksOf({ dp = 1, mp = 1, pp = 1, cp = 1 }: Spread): number {
  return dp * mp * pp * cp;
}

const ALONE = {
  epochs: 3,
  dp: 1,
  mp: 1,
  pp: 1,
  cp: 1,
  rows: 8,
  micro: 1,
  interleave: 1,
  accumulate: 1,
  shards: 0,
  mode: 1,
};

function say(flag: boolean | undefined): 'True' | 'False' {
  return flag === true ? 'True' : 'False';
}

/** The configuration of a run that is spread so. */
export function yamlOf(spread: Spread, more = ''): string {
  const { epochs, dp, mp, pp, cp, rows, micro, interleave, accumulate, shards, mode } = { ...ALONE, ...spread };
  const fullBatch = spread.fullBatch !== false;
  return `seed: 3
run_mode: train
use_parallel: ${say(ranksOf(spread) > 1)}
runner_config: { epochs: ${epochs}, batch_size: ${rows}, gradient_accumulation_steps: ${accumulate}, sink_mode: True, sink_size: 2 }
runner_wrapper: { use_clip_grad: True, scale_sense: { type: DynamicLossScaleUpdateCell, loss_scale_value: 1024, scale_factor: 2, scale_window: 4 } }
optimizer: { type: AdamW, weight_decay: 0.1 }
lr_schedule: { type: ConstantWarmUpLR, learning_rate: ${spread.learningRate ?? 2e-2}, warmup_steps: 2 }
micro_batch_interleave_num: ${interleave}
parallel:
  parallel_mode: ${mode}
  full_batch: ${say(fullBatch)}
  gradients_mean: ${say(spread.added !== true)}
  enable_parallel_optimizer: ${say(shards !== 0)}
  parallel_optimizer_config: { parallel_optimizer_threshold: 0, optimizer_weight_shard_size: ${shards || -1} }
parallel_config: { data_parallel: ${dp}, model_parallel: ${mp}, pipeline_stage: ${pp}, context_parallel: ${cp}, micro_batch_num: ${micro},
  use_seq_parallel: ${say(spread.sequence)}, vocab_emb_dp: ${say(spread.wholeVocabulary)} }
recompute_config: { recompute: ${say(spread.recompute)} }
train_dataset:
  data_loader: { type: MindDataset, dataset_dir: ./data, shuffle: ${say(fullBatch && mode === 1)} }
  input_columns: [input_ids]
callbacks:
  - { type: CheckpointMonitor, prefix: tiny, save_checkpoint_steps: 4, keep_checkpoint_max: 9${spread.monitor === undefined ? '' : `, ${spread.monitor}`} }
model:
  model_config:
    { type: LlamaConfig, seq_length: 8, hidden_size: 16, num_layers: 4, num_heads: 4, n_kv_heads: 4, vocab_size: 16, intermediate_size: 24,
      tie_word_embeddings: ${say(spread.tied)}, compute_dtype: float32, param_init_type: float32 }
  arch: { type: LlamaForCausalLM }
${more}`;
}

/** 32 rows of 9 tokens, so 4 steps of 8 rows an epoch; the last rows end in padding. `order` says which row is where. */
export async function dataFolder(order = (row: number): number => row): Promise<string> {
  const folder = workFolder();
  fs.mkdirSync(path.join(folder, 'data'));
  await writeMindRecord(localFolder(path.join(folder, 'data')), 'tiny.mindrecord', {
    schema: { input_ids: { type: 'int32', shape: [-1] } },
    rows: Array.from({ length: 32 }, (_, at) => order(at)).map((row) => ({
      input_ids: Int32Array.from({ length: 9 }, (_, i) => (row > 28 && i > 5 ? 0 : 1 + ((row * 7 + i * i) % 15))),
    })),
    headerBytes: 2 ** 14,
    pageBytes: 2 ** 15,
  });
  return folder;
}

/** Every rank's events. */
export async function trained(spread: Spread, cwd: string, more = ''): Promise<readonly (readonly EventBody[])[]> {
  const text = yamlOf(spread, more);
  return Promise.all(
    localGroups(ranksOf(spread)).map(async (world) => {
      const valid = expectConfig(await parseConfig({ name: 'ranks.yaml', text }));
      const events: EventBody[] = [];
      await trainRank({
        valid,
        runId: 'test',
        cwd,
        configFile: 'ranks.yaml',
        world,
        emit: (event) => events.push(event),
        signal: new AbortController().signal,
      });
      return events;
    }),
  );
}

export function stepsOf(events: readonly EventBody[] | undefined): readonly Step[] {
  return (events ?? []).filter((event) => event.type === 'step');
}

/** Largest relative distance of a number from step to step. */
export function apart(expected: readonly Step[], found: readonly Step[], of: 'loss' | 'globalNorm'): number {
  if (found.length !== expected.length) return NaN;
  return Math.max(...expected.map((step, i) => Math.abs(step[of] - (found[i]?.[of] ?? NaN)) / Math.abs(step[of])));
}
