import path from 'node:path';
import type { RunConfig } from '@cairn/config';
import { stageSize, worldSize } from '@cairn/strategy';
import { mergeStrategies, strategyOf, writeStrategy } from '@cairn/strategy/files';
import type { StrategyFile, StrategyFormat } from '@cairn/strategy/files';
import type { RunLayout } from './run-layout.ts';

/** The strategy files of a run. */
export interface StrategyFiles {
  /** Ranks of the run. */
  readonly worldSize: number;
  /** All stages in one; `make` writes it for runs with several only, as upstream does. */
  readonly merged: StrategyFile;
  /** Name of a rank's file, e.g. `ckpt_strategy_rank_0.ckpt`. */
  readonly fileName: (rank: number, format: StrategyFormat) => string;
  /** Content of a rank's file; the ranks of a stage share it. */
  readonly bytesOf: (rank: number, format: StrategyFormat) => Uint8Array;
}

/** The strategy files of a run; contents are worked out stage by stage, when they are asked for. */
export function strategyFilesOf({ parallel, inventory }: RunLayout, baseName = 'ckpt_strategy'): StrategyFiles {
  const stages = Array.from({ length: parallel.stages }, (_, stage) => strategyOf(inventory, stage));
  const written = new Map<string, Uint8Array>();
  return {
    worldSize: worldSize(parallel),
    merged: mergeStrategies(stages.map((file, stage) => ({ name: `stage ${stage}`, file }))).file,
    fileName: (rank, format) => `${baseName}_rank_${rank}${format === 'json' ? '.json' : '.ckpt'}`,
    bytesOf: (rank, format) => {
      const stage = Math.floor(rank / stageSize(parallel));
      const known = written.get(`${format} ${stage}`);
      if (known !== undefined) return known;
      const bytes = writeStrategy(stages[stage]!, format);
      written.set(`${format} ${stage}`, bytes);
      return bytes;
    },
  };
}

/** Of `parallel.strategy_ckpt_save_file` the base name counts, without its ending (mindformers-behaviour §3.1). */
export function strategyBaseName({ parallel }: RunConfig): string {
  return path.posix.basename(parallel.strategy_ckpt_save_file).replace(/\.(?:ckpt|json)$/, '');
}
