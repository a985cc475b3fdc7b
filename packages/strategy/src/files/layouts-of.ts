import type { Layout } from '../layout.ts';
import { StrategyError } from '../strategy-error.ts';
import type { NamedLayout, StrategyFile } from './strategy-file.ts';
import { MAX_DEVICE_DIMENSIONS, MAX_STAGE_RANKS } from './strategy-file.ts';

/** What a strategy file says about the parameters of a run. */
export interface StrategyLayouts {
  /** Pipeline stages. */
  readonly stages: number;
  /** Ranks of each stage. */
  readonly stageRanks: number;
  /** Every parameter by its own name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, LaidOut>;
}

/** How one parameter lies. */
export interface LaidOut {
  /** The layout on each stage that holds it; tied parameters are held by several. */
  readonly byStage: ReadonlyMap<number, Layout>;
  /** Full shape; null where the file does not tell. */
  readonly shape: readonly number[] | null;
}

/**
 * The layouts of a file by parameter and stage (mindspore-formats §3.4). A name without a stage is of stage 0, so the file of
 * one rank is that of a run without stages. Of a name that occurs twice the last layout counts.
 *
 * @throws StrategyError `inconsistent` when a stage is missing or has another number of ranks, `limit` when those are too many
 */
export function layoutsOf(file: StrategyFile): StrategyLayouts {
  const tensors = new Map<string, { byStage: Map<number, Layout>; shape: readonly number[] | null }>();
  for (const named of file.layouts) {
    const { stage, name } = stageAndName(named.name);
    const known = tensors.get(name);
    if (known === undefined) tensors.set(name, { byStage: new Map([[stage, named.layout]]), shape: named.shape });
    else known.byStage.set(stage, named.layout);
  }
  return { stages: stageCount(file.layouts), stageRanks: ranksOfStages(file.layouts), tensors };
}

/** Takes `<stage>-<name>` apart; a name without a stage is of stage 0. */
export function stageAndName(prefixed: string): { readonly stage: number; readonly name: string } {
  const [, stage, name] = /^(\d{1,6})-(.+)$/s.exec(prefixed) ?? [];
  return stage === undefined || name === undefined ? { stage: 0, name: prefixed } : { stage: Number(stage), name };
}

/** Ranks of each stage, the same for all layouts. */
export function ranksOfStages(layouts: readonly NamedLayout[]): number {
  const [first] = layouts;
  if (first === undefined) throw new StrategyError('empty', 'there is no layout of a parameter in the file');
  const ranks = ranksOf(first);
  const other = layouts.find((named) => ranksOf(named) !== ranks);
  if (other === undefined) return ranks;
  throw new StrategyError(
    'inconsistent',
    `${first.name} lies on ${ranks} ranks, ${other.name} on ${ranksOf(other)}: the layouts are of different runs`,
    { tensor: other.name },
  );
}

function ranksOf({ name, layout: { deviceMatrix } }: NamedLayout): number {
  const dimensions = deviceMatrix.length;
  if (dimensions > MAX_DEVICE_DIMENSIONS) {
    const message = `${name}: a device matrix of ${dimensions} dimensions, more than ${MAX_DEVICE_DIMENSIONS}`;
    throw new StrategyError('limit', message, { tensor: name });
  }
  const ranks = deviceMatrix.reduce((product, size) => product * size, 1);
  if (ranks >= 1 && ranks <= MAX_STAGE_RANKS) return ranks;
  const message = `${name}: a device matrix [${deviceMatrix.join(', ')}] is not one of 1 to ${MAX_STAGE_RANKS} ranks`;
  throw new StrategyError('limit', message, { tensor: name });
}

function stageCount(layouts: readonly NamedLayout[]): number {
  const stages = [...new Set(layouts.map(({ name }) => stageAndName(name).stage))].toSorted((a, b) => a - b);
  const missing = stages.findIndex((stage, index) => stage !== index);
  if (missing === -1) return stages.length;
  throw new StrategyError('inconsistent', `there are layouts of stage ${stages.at(-1)}, but none of stage ${missing}`);
}
