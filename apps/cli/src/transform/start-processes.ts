import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { guarded } from '@cairn/storage';
import { divideRanks } from '@cairn/transform';
import type { TransformOptions } from '@cairn/transform';
import { planOptions } from '@cairn/runtime/transform';
import { interruptSignal } from '../interrupt-signal.ts';
import type { Output } from '../output.ts';

const LOGS = 'log';

/**
 * Starts a process for each share of the ranks, as transform_checkpoint.sh does, and waits for all: each says what it has
 * to say in `log/transform_i.log`.
 *
 * @returns the exit code of the first that failed; 0 when none did
 */
export async function startProcesses(options: TransformOptions, output: Output): Promise<number> {
  // What cannot be is told once, here, and not by every process in its log.
  const { destination } = await planOptions(options);
  const shares = divideRanks(options.worldSize ?? 1, options.processNum);
  guarded(LOGS, () => fs.mkdirSync(LOGS, { recursive: true }));
  for (const name of fs.readdirSync(LOGS)) {
    if (/^transform_\d+\.log$/.test(name)) fs.rmSync(path.join(LOGS, name));
  }
  const signal = interruptSignal();
  const each = Math.floor(options.memoryBytes / shares.length);
  const codes = await Promise.all(
    shares.map(async ({ worker }, i) => exitOf({ ...options, rankId: worker, memoryBytes: each }, logOf(i), signal)),
  );
  const failed = codes.findIndex((code) => code !== 0);
  if (failed !== -1) {
    process.stderr.write(`error: process ${failed} failed: ${lastLine(logOf(failed))} (${logOf(failed)})\n`);
    return codes[failed]!;
  }
  if (output.json) output.data(JSON.stringify({ ok: true, destination, processes: shares.length, logs: LOGS }));
  else output.say(`${destination}: written by ${shares.length} processes, logs in ${LOGS}/`);
  return 0;
}

function logOf(i: number): string {
  return path.join(LOGS, `transform_${i}.log`);
}

async function exitOf(options: TransformOptions, log: string, signal: AbortSignal): Promise<number> {
  const descriptor = guarded(log, () => fs.openSync(log, 'w'));
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'transform', 'apply', ...flagsOf(options)], {
    stdio: ['ignore', descriptor, descriptor],
    env: { ...process.env, RANK_ID: String(options.rankId) },
  });
  fs.closeSync(descriptor);
  const stop = (): boolean => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? (killedBy === null ? 1 : 130));
    });
  });
}

function flagsOf(options: TransformOptions): readonly string[] {
  const { srcCheckpoint, srcStrategy, dstCheckpoint, dstStrategy, prefix, rankId, worldSize, processNum } = options;
  const { step, outputFormat, unifiedPartBytes, memoryBytes } = options;
  const flags = {
    src_checkpoint: srcCheckpoint,
    src_strategy: srcStrategy,
    dst_checkpoint: dstCheckpoint,
    dst_strategy: dstStrategy,
    prefix,
    rank_id: rankId,
    world_size: worldSize,
    transform_process_num: processNum,
    step,
    output_format: outputFormat,
    part_size: unifiedPartBytes,
    memory: memoryBytes,
  };
  return Object.entries(flags).flatMap(([name, value]) => (value === null ? [] : [`--${name}=${value}`]));
}

function lastLine(file: string): string {
  return fs.readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';
}
