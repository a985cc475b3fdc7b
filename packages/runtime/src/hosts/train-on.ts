import path from 'node:path';
import type { ConfigInput, RunConfig, ValidConfig } from '@cairn/config';
import type { RankPlace } from '@cairn/launcher';
import { checkWorldSize, rankAt, worldSize } from '@cairn/strategy';
import { trainRank } from '../rank/train-rank.ts';
import { RunError } from '../run-error.ts';
import { parallelSpecOf } from '../settings/parallel-settings.ts';
import { inWorld } from './launched-rank.ts';
import type { MergedEvent, MergeRules } from './merge-ranks.ts';
import { runRanks } from './run-ranks.ts';
import type { LaunchSettings } from './run-ranks.ts';
import type { WorldDone } from './world-end.ts';

/** A run that is to be trained, and on what. */
export interface Execution {
  readonly valid: ValidConfig;
  readonly input: ConfigInput;
  readonly runId: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Where this process stands when it was launched as a rank; null when it was not. */
  readonly place: RankPlace | null;
  readonly ranks?: 'here' | 'processes';
  readonly workers?: number;
  readonly launch?: Partial<LaunchSettings>;
  readonly allRanks?: boolean;
}

/**
 * Trains on the ranks that a run is spread over: as one of them when this process was launched as that; here when there
 * is but one; else in processes.
 *
 * @throws what ended it early
 */
export async function trainOn(execution: Execution, emit: (event: MergedEvent) => void): Promise<WorldDone> {
  const { valid, input, runId, cwd, signal, place } = execution;
  const rules = mergeRules(execution);
  if (place === null && (rules.size > 1 || execution.launch !== undefined || execution.ranks === 'processes')) {
    const launch = rules.size > 1 || execution.launch !== undefined ? launchSettings(execution) : null;
    return runRanks({ ...rules, input, cwd, runId, launch }, emit, signal);
  }
  const rank = place === null ? null : place.rank;
  return inWorld(place, signal, (world) =>
    trainRank({ valid, runId, cwd, configFile: input.name, world, signal, emit: (body) => emit({ body, rank }) }),
  );
}

function mergeRules({ valid: { config }, workers, place, allRanks = false }: Execution): MergeRules {
  const spread = spreadOf(config, place?.size ?? workers ?? null);
  return { ...spread, allRanks };
}

/**
 * Over how many ranks a run is spread, and which of them reports: the first of the last stage.
 *
 * @param ranks number of ranks where it is known
 * @throws RunError, StrategyError when the configuration is for another number
 */
export function spreadOf(config: RunConfig, ranks: number | null): Omit<MergeRules, 'allRanks'> {
  const spec = parallelSpecOf(config, ranks ?? undefined);
  if (ranks !== null && ranks > 1 && !config.use_parallel) {
    const message = `use_parallel is False, so the run is of one rank, but ${ranks} were launched: set use_parallel: True`;
    throw new RunError('usage', 2, message, { path: ['use_parallel'] });
  }
  if (ranks !== null) checkWorldSize(spec, ranks);
  const reporter = rankAt(spec, { stage: spec.stages - 1, data: 0, context: 0, model: 0 });
  return { size: worldSize(spec), reporter };
}

function launchSettings({ valid, cwd, launch }: Execution): LaunchSettings {
  const logFolder = launch?.logFolder ?? path.join(valid.config.output_dir, 'msrun_log');
  return { ...launch, logFolder: path.resolve(cwd, logFolder) };
}
