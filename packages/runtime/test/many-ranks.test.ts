/** Runs of several ranks within one process, against the run of one rank. */
import fs from 'node:fs';
import path from 'node:path';
import { localGroups } from '@cairn/collectives';
import { expectConfig, parseConfig } from '@cairn/config';
import type { EventBody } from '@cairn/events';
import { writeMindRecord } from '@cairn/mindrecord';
import { localFolder } from '@cairn/storage';
import { describe, expect, test } from 'vitest';
import { trainRank } from '../src/rank/train-rank.ts';
import { workFolder } from './tiny-run.ts';

type Step = Extract<EventBody, { type: 'step' }>;

/** How a run is spread, as in its configuration; 8 rows a step however it is. */
interface Spread {
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
}

function ranksOf({ dp = 1, mp = 1, pp = 1, cp = 1 }: Spread): number {
  return dp * mp * pp * cp;
}

const ALONE = { dp: 1, mp: 1, pp: 1, cp: 1, rows: 8, micro: 1, interleave: 1, accumulate: 1, shards: 0, mode: 1 };

function say(flag: boolean | undefined): 'True' | 'False' {
  return flag === true ? 'True' : 'False';
}

function yamlOf(spread: Spread, more = ''): string {
  const { dp, mp, pp, cp, rows, micro, interleave, accumulate, shards, mode } = { ...ALONE, ...spread };
  const fullBatch = spread.fullBatch !== false;
  return `seed: 3
run_mode: train
use_parallel: ${say(ranksOf(spread) > 1)}
runner_config: { epochs: 3, batch_size: ${rows}, gradient_accumulation_steps: ${accumulate}, sink_mode: True, sink_size: 2 }
runner_wrapper: { use_clip_grad: True, scale_sense: { type: DynamicLossScaleUpdateCell, loss_scale_value: 1024, scale_factor: 2, scale_window: 4 } }
optimizer: { type: AdamW, weight_decay: 0.1 }
lr_schedule: { type: ConstantWarmUpLR, learning_rate: 2.e-2, warmup_steps: 2 }
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
  - { type: CheckpointMonitor, prefix: tiny, save_checkpoint_steps: 4, keep_checkpoint_max: 9 }
model:
  model_config:
    { type: LlamaConfig, seq_length: 8, hidden_size: 16, num_layers: 4, num_heads: 4, n_kv_heads: 4, vocab_size: 16, intermediate_size: 24,
      tie_word_embeddings: ${say(spread.tied)}, compute_dtype: float32, param_init_type: float32 }
  arch: { type: LlamaForCausalLM }
${more}`;
}

/** 32 rows of 9 tokens, so 4 steps of 8 rows an epoch; the last rows end in padding. `order` says which row is where. */
async function dataFolder(order = (row: number): number => row): Promise<string> {
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
async function trained(spread: Spread, cwd: string, more = ''): Promise<readonly (readonly EventBody[])[]> {
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

function stepsOf(events: readonly EventBody[] | undefined): readonly Step[] {
  return (events ?? []).filter((event) => event.type === 'step');
}

/** Largest relative distance of a number from step to step. */
function apart(expected: readonly Step[], found: readonly Step[], of: 'loss' | 'globalNorm'): number {
  expect(found).toHaveLength(expected.length);
  return Math.max(...expected.map((step, i) => Math.abs(step[of] - (found[i]?.[of] ?? NaN)) / Math.abs(step[of])));
}

const worlds: readonly [string, Spread, Spread?][] = [
  ['dp2', { dp: 2, rows: 4 }],
  ['dp4', { dp: 4, rows: 2 }],
  ['dp2, rows of its own', { dp: 2, rows: 4, fullBatch: false }, { fullBatch: false }],
  ['mp2', { mp: 2 }],
  ['mp4', { mp: 4 }],
  ['mp2, the vocabulary whole', { mp: 2, wholeVocabulary: true }],
  ['pp2', { pp: 2, rows: 4, micro: 2 }, { rows: 4, accumulate: 2 }],
  ['pp4', { pp: 4, rows: 2, micro: 4 }, { rows: 2, accumulate: 4 }],
  ['mp2 pp2', { mp: 2, pp: 2, rows: 4, micro: 2 }, { rows: 4, accumulate: 2 }],
  ['dp2 mp2 pp2', { dp: 2, mp: 2, pp: 2, rows: 2, micro: 2 }, { rows: 4, accumulate: 2 }],
  ['dp2 mp2 pp2, recomputed', { dp: 2, mp: 2, pp: 2, rows: 2, micro: 2, recompute: true }, { rows: 4, accumulate: 2 }],
  ['dp2, interleaved', { dp: 2, rows: 2, interleave: 2 }, { rows: 4, accumulate: 2 }],
  ['dp2 mp2, sequence', { dp: 2, mp: 2, rows: 4, sequence: true }],
  ['pp2, tied', { pp: 2, rows: 4, micro: 2, tied: true }, { rows: 4, accumulate: 2, tied: true }],
  ['cp2 mp2', { cp: 2, mp: 2 }],
  ['dp2, optimizer shards', { dp: 2, rows: 4, shards: -1 }],
  ['dp4, optimizer shards of two', { dp: 4, rows: 2, shards: 2 }],
  ['dp2 mp2 pp2, optimizer shards', { dp: 2, mp: 2, pp: 2, rows: 2, micro: 2, shards: -1 }, { rows: 4, accumulate: 2 }],
  ['mp2, the vocabulary whole, optimizer shards', { mp: 2, wholeVocabulary: true, shards: -1 }],
];

/** What a resumed run must have the bits of. */
function bitsOf(steps: readonly Step[]): unknown {
  return steps.map(({ step, loss, globalNorm, lr, lossScale }) => [step, loss, globalNorm, lr, lossScale]);
}

test.each(worlds)(
  '%s: the losses of one rank, the same on every rank; after a resume the very bits',
  async (_name, spread, lone = {}) => {
    const cwd = await dataFolder();
    const [alone] = await trained(lone, cwd, 'output_dir: ./alone');
    const expected = stepsOf(alone);
    const whole = await trained(spread, cwd);
    const [first] = whole;
    expect(apart(expected, stepsOf(first), 'loss')).toBeLessThan(1e-5);
    expect(apart(expected, stepsOf(first), 'globalNorm')).toBeLessThan(1e-4);
    for (const events of whole) expect(bitsOf(stepsOf(events))).toEqual(bitsOf(stepsOf(first)));
    const resume = 'load_checkpoint: ./output/checkpoint\nresume_training: tiny_rank_0-2_2\noutput_dir: ./again';
    const resumed = await trained(spread, cwd, resume);
    for (const events of resumed) expect(bitsOf(stepsOf(events))).toEqual(bitsOf(stepsOf(first).slice(4)));
  },
);

describe('data parallel mode (real-mindformers §6): rank r of 2 has the rows r, r + 2, …, and a mean of its own', () => {
  const data: Spread = { dp: 2, rows: 4, mode: 0, fullBatch: false };
  /** One rank with the rows of rank 0 in the first micro batch of a step and those of rank 1 in the second. */
  const alone = async (): Promise<readonly Step[]> => {
    const cwd = await dataFolder((at) => 2 * (4 * Math.floor(at / 8) + (at % 4)) + Math.floor((at % 8) / 4));
    const [events] = await trained({ rows: 4, accumulate: 2, fullBatch: false }, cwd);
    return stepsOf(events);
  };

  test('averaged, the gradients are those of one rank that takes both as micro batches', async () => {
    const expected = await alone();
    const [first, second] = (await trained(data, await dataFolder())).map(stepsOf);
    expect(apart(expected, first ?? [], 'globalNorm')).toBeLessThan(1e-4);
    expect(first?.map(({ loss }) => loss)).not.toEqual(second?.map(({ loss }) => loss));
    const means = (first ?? []).map((step, i) => ({ ...step, loss: (step.loss + (second?.[i]?.loss ?? NaN)) / 2 }));
    expect(apart(expected, means, 'loss')).toBeLessThan(1e-5);
  });

  test('added, as the default is, they are twice as large', async () => {
    const [expected] = await alone();
    const [[found] = []] = (await trained({ ...data, added: true }, await dataFolder())).map(stepsOf);
    expect(found?.globalNorm).toBeCloseTo(2 * (expected?.globalNorm ?? NaN), 5);
  });
});
