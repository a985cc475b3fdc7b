import { configStrategy, readConfigFile, readStrategySource } from '@cairn/runtime';
import type { StrategyLayouts } from '@cairn/strategy/files';
import { layoutsOf } from '@cairn/strategy/files';
import { nearestName } from '../nearest-name.ts';
import type { OutputFlags } from '../output.ts';
import { processOutput } from '../output.ts';
import { strategyLines, tensorJson } from '../render/strategy-table.ts';
import { tensorPartsJson, tensorPartsLines } from '../render/tensor-parts.ts';
import { usageError } from '../usage-error.ts';

interface ShowFlags extends OutputFlags {
  readonly config?: string | undefined;
  readonly world_size?: number | undefined;
  readonly tensor?: string | undefined;
}

/** @returns the exit code */
export async function showCommand(path: string | undefined, flags: ShowFlags): Promise<number> {
  const output = processOutput(flags);
  const all = await layoutsFrom(path, flags);
  const shown = flags.tensor === undefined ? all : await only(all, flags.tensor);
  const { stages, stageRanks } = shown;
  const tensors = [...shown.tensors];
  if (output.json) {
    const jsonOf = flags.tensor === undefined ? tensorJson : tensorPartsJson;
    output.data(JSON.stringify({ stages, stageRanks, tensors: tensors.map((each) => jsonOf(each, shown)) }));
  } else {
    const lines =
      flags.tensor === undefined ? strategyLines(shown) : tensors.flatMap((each) => tensorPartsLines(each, shown));
    for (const line of lines) output.data(line);
  }
  return 0;
}

async function layoutsFrom(
  path: string | undefined,
  { config, world_size: ranks }: ShowFlags,
): Promise<StrategyLayouts> {
  if ((path === undefined) === (config === undefined))
    throw await usageError('name either a strategy file or folder, or --config with the YAML of a run');
  if (config !== undefined) return layoutsOf(await configStrategy(await readConfigFile(config), ranks ?? null));
  return layoutsOf(await readStrategySource(path ?? ''));
}

async function only({ tensors, ...rest }: StrategyLayouts, name: string): Promise<StrategyLayouts> {
  const laidOut = tensors.get(name);
  if (laidOut !== undefined) return { ...rest, tensors: new Map([[name, laidOut]]) };
  const nearest = nearestName(name, [...tensors.keys()]);
  throw await usageError(`there is no tensor ${name}${nearest === null ? '' : `; the nearest is ${nearest}`}`);
}
