import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatMeta, formatCheckpointName, META_FILE, rankFolder } from '@cairn/ckpt-format/folder';
import { writeCkpt } from '@cairn/ckpt-format';
import type { EntryToWrite } from '@cairn/ckpt-format';
import { planResume } from '@cairn/runtime';
import { localFolder } from '@cairn/storage';
import type { Finding } from './measure.ts';
import { timeOf } from './measure.ts';
import { CAIRN, peakOf } from './watch-run.ts';

const RANKS = 1024;
const STEPS = [10, 20, 30, 40, 50];
/** Tensors of a rank's file. */
const TENSORS = 60;

/** A resume decision over a thousand ranks, survey and proofs included; strategy files of a large model. */
export async function manyRanks(): Promise<readonly Finding[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
  try {
    return [await decision(folder), ...(await strategies(folder))];
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function decision(folder: string): Promise<Finding> {
  const checkpoint = path.join(folder, 'checkpoint');
  await writeRanks(checkpoint);
  const question = { loadCheckpoint: checkpoint, worldSize: RANKS, resumeTraining: true } as const;
  let ms = Infinity;
  for (let round = 0; round < 3; round++) ms = Math.min(ms, await timeOf(() => planResume(question)));
  return {
    what: `from where ${RANKS} ranks with ${STEPS.length} checkpoints each resume: folders, positions and the proof of the files taken`,
    value: `${(ms / 1000).toFixed(2)} s`,
    bound: 'under 1 s',
    holds: ms < 1000,
  };
}

async function writeRanks(root: string): Promise<void> {
  const first = localFolder(root);
  for (const step of STEPS) {
    const draft = await first.create(`step_${step}.ckpt`);
    await writeCkpt(draft, entriesOf(step));
    await first.commit([draft]);
  }
  for (let rank = 0; rank < RANKS; rank++) {
    const folder = path.join(root, rankFolder(rank));
    fs.mkdirSync(folder, { recursive: true });
    const nameOf = (step: number): string =>
      formatCheckpointName({ prefix: 'llama', rank, run: 0, epoch: step / 2, step: 2, format: 'ckpt' });
    for (const step of STEPS) fs.copyFileSync(path.join(root, `step_${step}.ckpt`), path.join(folder, nameOf(step)));
    const last = STEPS.at(-1) ?? 0;
    const meta = formatMeta({ lastEpoch: last / 2, lastStep: 2, lastFile: nameOf(last) });
    fs.writeFileSync(path.join(folder, META_FILE), meta);
  }
}

function entriesOf(step: number): readonly EntryToWrite[] {
  const tensor = (name: string, bytes: Uint8Array, dtype: 'Float32' | 'Int64', shape: number[]): EntryToWrite => ({
    kind: 'tensor',
    name,
    dtype,
    shape,
    content: once(bytes),
  });
  const weights = Array.from({ length: TENSORS }, (_, i) =>
    tensor(`model.layers.${i}.weight`, new Uint8Array(4 * 64), 'Float32', [64]),
  );
  const number = (name: string, value: number): EntryToWrite =>
    tensor(name, new Uint8Array(BigInt64Array.of(BigInt(value)).buffer), 'Int64', []);
  return [...weights, number('epoch_num', step / 2), number('step_num', step), number('global_batch_size', 4)];
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const QWEN_72B = `use_parallel: True
parallel: { enable_parallel_optimizer: True }
parallel_config: { data_parallel: 2, model_parallel: 8, pipeline_stage: 4, micro_batch_num: 16, vocab_emb_dp: False }
model:
  model_config: { type: LlamaConfig, seq_length: 4096, hidden_size: 8192, num_layers: 80, num_heads: 64, vocab_size: 152064,
    intermediate_size: 24576, qkv_has_bias: True, param_init_type: bfloat16, compute_dtype: bfloat16 }
  arch: { type: LlamaForCausalLM }
`;

/** Layouts of Qwen1.5-72B on 64 ranks, made and written. */
async function strategies(folder: string): Promise<readonly Finding[]> {
  fs.writeFileSync(path.join(folder, 'qwen.yaml'), QWEN_72B);
  let ms = Infinity;
  let peakBytes = 0;
  for (let round = 0; round < 3; round++) {
    ms = Math.min(
      ms,
      await timeOf(async () => {
        peakBytes = Math.max(peakBytes, await makeStrategies(folder));
      }),
    );
  }
  return [
    {
      what: 'strategy files of Qwen1.5-72B on 64 ranks, from the command to the last file',
      value: `${(ms / 1000).toFixed(2)} s`,
      bound: 'under 2 s',
      holds: ms < 2000,
    },
    {
      what: 'the same: peak memory of the process',
      value: `${(peakBytes / 1e6).toFixed(0)} MB`,
      bound: 'under 300 MB',
      holds: peakBytes < 300e6,
    },
  ];
}

/** @returns the most memory it was seen to hold */
async function makeStrategies(folder: string): Promise<number> {
  const args = ['strategy', 'make', '--config', 'qwen.yaml', '--output', path.join(folder, 'strategy')];
  const child = spawn(process.execPath, [CAIRN, ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  let peakBytes = 0;
  const look = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid ?? 0))), 20);
  const exitCode = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(look);
  if (exitCode !== 0) throw new Error(`strategy make ended with ${String(exitCode)}`);
  return peakBytes;
}
