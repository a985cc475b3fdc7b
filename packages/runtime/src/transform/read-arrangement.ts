import { arrangementOfStrategy } from '@cairn/transform';
import type { Arrangement } from '@cairn/transform';
import { isStrategyError, StrategyError } from '@cairn/strategy';
import { isMerged, layoutsOf } from '@cairn/strategy/files';
import type { StrategyFile } from '@cairn/strategy/files';
import { RunError } from '../run-error.ts';
import { readStrategySource } from '../strategy/read-strategy-source.ts';

/**
 * How a checkpoint lies on its ranks, from a strategy file, a merged one, a folder of them, or the YAML of the run.
 *
 * @param name null = the checkpoint is complete
 * @throws RunError exit 2, StrategyError naming the file
 */
export async function readArrangement(name: string | null): Promise<Arrangement | null> {
  if (name === null) return null;
  const strategy = /\.ya?ml$/.test(name) ? await ofConfiguration(name) : await readStrategySource(name);
  refuseLoneStage(name, strategy);
  try {
    return arrangementOfStrategy(layoutsOf(strategy));
  } catch (error) {
    if (!isStrategyError(error)) throw error;
    throw new StrategyError(error.code, `${name}: ${error.message}`, { ...error.place, file: name, cause: error });
  }
}

/** The parts that read a configuration are loaded only where there is one: most strategies are files. */
async function ofConfiguration(name: string): Promise<StrategyFile> {
  const { readConfigFile } = await import('../read-config-file.ts');
  const { configStrategy } = await import('../strategy/make-strategy.ts');
  return configStrategy(await readConfigFile(name));
}

/** The file of one stage of several says nothing about the others, and its names are taken for those of stage 0. */
function refuseLoneStage(name: string, strategy: StrategyFile): void {
  const stage = strategy.operators[0]?.stage ?? 0;
  if (stage === 0 || isMerged(strategy)) return;
  const message = `${name} is the strategy of stage ${stage} alone: give the folder of all ranks' files, or the merged file`;
  throw new RunError('usage', 2, message, { file: name });
}
