import type { CheckpointFormat } from '../checkpoint-index.ts';

/** The parts of a checkpoint's file name, `{prefix}_rank_{rank}[_{run}]-{epoch}_{step}.{format}` (mindformers-behaviour §1.4, 1.5). */
export interface CheckpointName {
  readonly prefix: string;
  readonly rank: number;
  /** Number that keeps the files of later runs in one folder apart; 0 = none. */
  readonly run: number;
  /** Epoch, or with data sinking the number of sinks. */
  readonly epoch: number;
  /** Step in the epoch, or with data sinking the sink size. */
  readonly step: number;
  readonly format: CheckpointFormat;
}

const NAME = /^([^/]+)_rank_(\d{1,9})(?:_(\d{1,9}))?-(\d{1,15})_(\d{1,15})\.(ckpt|safetensors)$/;

/** The parts of a name without folder; null when no {@link formatCheckpointName} gives this name. */
export function parseCheckpointName(name: string): CheckpointName | null {
  const match = NAME.exec(name);
  if (match === null) return null;
  const [, prefix = '', rank, run, epoch, step, format] = match;
  const parts: CheckpointName = {
    prefix,
    rank: Number(rank),
    run: Number(run ?? 0),
    epoch: Number(epoch),
    step: Number(step),
    format: format === 'ckpt' ? 'ckpt' : 'safetensors',
  };
  // Run 0 and leading zeros are written by nobody, and would make two files one.
  return formatCheckpointName(parts) === name ? parts : null;
}

/** The file name of the parts. */
export function formatCheckpointName(name: CheckpointName): string {
  return `${runPrefix(name)}-${name.epoch}_${name.step}.${name.format}`;
}

/** The part of the name before the position: prefix, rank and run. */
export function runPrefix({ prefix, rank, run }: Pick<CheckpointName, 'prefix' | 'rank' | 'run'>): string {
  return `${prefix}_rank_${rank}${run > 0 ? `_${run}` : ''}`;
}

/**
 * The run number of a new run in a folder that may hold files of earlier ones: `x_rank_0-…` → 1, `x_rank_0_3-…` → 4,
 * 0 when there are none (mindformers-behaviour §1.5).
 *
 * @param prefix prefix with the rank, e.g. `llama_7b_rank_0`
 * @param names  file names in the rank's folder
 */
export function nextRun(prefix: string, names: Iterable<string>): number {
  let next = 0;
  for (const name of names) {
    if (!/\.(?:ckpt|safetensors)$/.test(name) || name.endsWith('_breakpoint.ckpt') || !name.startsWith(prefix))
      continue;
    const rest = /^(?:_(\d{1,9}))?-/.exec(name.slice(prefix.length));
    if (rest !== null) next = Math.max(next, rest[1] === undefined ? 1 : Number(rest[1]) + 1);
  }
  return next;
}
