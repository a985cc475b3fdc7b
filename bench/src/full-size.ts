import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectConfig, parseConfig } from '@cairn/config';
import { matmulMs, matmulsOf, stepFlops } from './matmul-rate.ts';
import type { Finding } from './measure.ts';
import { programOf } from './program-of.ts';
import { watchRun } from './watch-run.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/llama-2layer/', import.meta.url));
const STEPS = 5;
const ROUNDS = 3;

/** The documents' full-size demo: a step beside nothing but its matrix products, and its memory. */
export async function fullSize(): Promise<readonly Finding[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
  spawnSync(process.execPath, [path.join(EXAMPLE, 'make-data.mjs'), path.join(folder, 'data')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const file = path.join(EXAMPLE, 'train.yaml');
  const { config } = expectConfig(await parseConfig({ name: file, text: fs.readFileSync(file, 'utf8') }));
  const matmuls = matmulsOf(programOf(config));
  const flops = stepFlops(matmuls);
  // Of each the least: whatever else runs on the machine only adds to it.
  let productsMs = Infinity;
  let stepMs = Infinity;
  let peakBytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    productsMs = Math.min(productsMs, await matmulMs(matmuls, 3));
    const run = await watchRun(['--config', file], folder, STEPS);
    stepMs = Math.min(stepMs, ...run.steps.map((step) => step.stepMs));
    peakBytes = Math.max(peakBytes, run.peakBytes);
  }
  fs.rmSync(folder, { recursive: true, force: true });
  const ratio = productsMs / stepMs;
  return [
    {
      what: `full size: share of the core's matmul rate (${(flops / 1e9).toFixed(0)} GFLOP a step)`,
      value: `${(100 * ratio).toFixed(0)} % (${(flops / stepMs / 1e6).toFixed(0)} of ${(flops / productsMs / 1e6).toFixed(0)} GFLOP/s)`,
      bound: 'at least 70 %',
      holds: ratio >= 0.7,
    },
    { what: 'full size: seconds a step', value: (stepMs / 1000).toFixed(2), bound: null, holds: true },
    {
      what: 'full size: peak memory of the process',
      value: `${(peakBytes / 1e9).toFixed(2)} GB`,
      bound: 'under 2 GB',
      holds: peakBytes < 2e9,
    },
  ];
}
