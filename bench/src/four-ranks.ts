import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './measure.ts';
import { watchRun } from './watch-run.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/llama-2layer/', import.meta.url));
const STEPS = 5;
const ROUNDS = 3;

/** The full-size example on four ranks beside one, which uses one core; the four share what there is. */
export async function fourRanks(): Promise<readonly Finding[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-bench-'));
  spawnSync(process.execPath, [path.join(EXAMPLE, 'make-data.mjs'), path.join(folder, 'data')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let aloneMs = Infinity;
  let fourMs = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await watchRun(['--config', path.join(EXAMPLE, 'train.yaml')], folder, STEPS);
    aloneMs = Math.min(aloneMs, ...alone.steps.map(({ stepMs }) => stepMs));
    const four = await watchRun(['--config', path.join(EXAMPLE, 'four-ranks.yaml')], folder, STEPS);
    fourMs = Math.min(fourMs, ...four.steps.map(({ stepMs }) => stepMs));
    fs.rmSync(path.join(folder, 'output'), { recursive: true, force: true });
  }
  fs.rmSync(folder, { recursive: true, force: true });
  const ratio = fourMs / aloneMs;
  return [
    {
      what: `four ranks (mp 2, pp 2) on ${os.availableParallelism()} cores: a step beside that of one rank`,
      value: `${ratio.toFixed(2)} × (${(fourMs / 1000).toFixed(2)} s)`,
      bound: 'at most 1.6 ×',
      holds: ratio <= 1.6,
    },
  ];
}
