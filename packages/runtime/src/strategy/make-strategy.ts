import type { ConfigInput, RunConfig } from '@cairn/config';
import { expectConfig, parseConfig } from '@cairn/config';
import { writeStrategy } from '@cairn/strategy/files';
import type { StrategyFile, StrategyFormat } from '@cairn/strategy/files';
import { failureOf, locatedMessage } from '../failure-of.ts';
import { RunError } from '../run-error.ts';
import { runLayoutOf } from './run-layout.ts';
import type { RunLayout } from './run-layout.ts';
import { strategyBaseName, strategyFilesOf } from './strategy-files.ts';
import { writeFiles } from './write-strategy-file.ts';

/** What to make. */
export interface MakeStrategy {
  /** Folder the files go to. */
  readonly folder: string;
  readonly format: StrategyFormat;
  /** The file of this rank only; null = those of all ranks, and the merged one when there are several stages. */
  readonly rank: number | null;
  /** Number of ranks; null = what the configuration says. */
  readonly ranks: number | null;
}

/** What was made. */
export interface MadeStrategy {
  readonly worldSize: number;
  /** Names in the folder. */
  readonly files: readonly string[];
}

/**
 * The merged strategy of a configuration. Whoever asks for one means several ranks, so `use_parallel` counts as True.
 *
 * @throws the errors of the parts, with configuration paths
 */
export async function configStrategy(input: ConfigInput, ranks: number | null = null): Promise<StrategyFile> {
  return strategyFilesOf((await layoutFrom(input, ranks)).layout).merged;
}

/**
 * Writes the strategy files of a configuration, as a run with `only_save_strategy` does, without a device.
 *
 * @throws the errors of the parts, with configuration paths; StorageError
 */
export async function makeStrategy(input: ConfigInput, wanted: MakeStrategy): Promise<MadeStrategy> {
  const { config, layout } = await layoutFrom(input, wanted.ranks);
  const base = strategyBaseName(config);
  const { worldSize, merged, fileName, bytesOf } = strategyFilesOf(layout, base);
  const { format, rank } = wanted;
  if (rank !== null && rank >= worldSize)
    throw new RunError('usage', 2, `there is no rank ${rank}: the run has ranks 0 to ${worldSize - 1}`);
  const ranks = rank === null ? Array.from({ length: worldSize }, (_, each) => each) : [rank];
  const files = ranks.map((each) => ({ name: fileName(each, format), bytes: bytesOf(each, format) }));
  if (rank === null && layout.parallel.stages > 1) {
    const ending = format === 'json' ? '.json' : '.ckpt';
    files.push({ name: `merged_${base}${ending}`, bytes: writeStrategy(merged, format) });
  }
  await writeFiles(wanted.folder, files);
  return { worldSize, files: files.map(({ name }) => name) };
}

/** Reads a configuration; what is impossible in it is said with file, line and key. */
async function layoutFrom(
  input: ConfigInput,
  ranks: number | null,
): Promise<{ readonly config: RunConfig; readonly layout: RunLayout }> {
  const { config, origins } = expectConfig(await parseConfig(input));
  try {
    return { config, layout: runLayoutOf({ ...config, use_parallel: true }, ranks) };
  } catch (error) {
    const failure = failureOf(error);
    const { code, exitCode, place } = failure;
    throw new RunError(code, exitCode, locatedMessage(failure, origins), place, { cause: error });
  }
}
