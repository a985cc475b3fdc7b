import type { Layout } from '../layout.ts';
import { StrategyError } from '../strategy-error.ts';
import { ranksOfStages, stageAndName } from './layouts-of.ts';
import type { NamedLayout, StrategyFile } from './strategy-file.ts';

/** A strategy file and where it comes from. */
export interface StrategySource {
  /** For messages. */
  readonly name: string;
  readonly file: StrategyFile;
}

/** What merging gave. */
export interface MergedStrategies {
  readonly file: StrategyFile;
  /** Merged files among the sources, which were passed over. */
  readonly passedOver: readonly string[];
}

/** Save counter of merged files. */
const MERGED = 1;

/** Whether the names of a file carry their stage. */
export function isMerged({ layouts }: StrategyFile): boolean {
  return layouts.length > 0 && layouts.every(({ name }) => stageAndName(name).name !== name);
}

/**
 * Merges the files of the ranks of a run into one (mindspore-formats §3.5): names become `<stage>-<name>`, stages ascend.
 * Files of one stage must say the same; an older merged file beside them is passed over, and alone is the result.
 *
 * @throws StrategyError `empty` without files or without what tells the stage, `inconsistent` when files contradict each
 *         other, are of runs of different sizes, or a stage is missing
 */
export function mergeStrategies(sources: readonly StrategySource[]): MergedStrategies {
  const merged = sources.filter(({ file }) => isMerged(file));
  const single = sources.filter(({ file }) => !isMerged(file));
  if (single.length === 0 && merged.length === 1) return { file: merged[0]!.file, passedOver: [] };
  if (single.length === 0) throw new StrategyError('empty', 'there is no strategy file of a rank to merge');
  const byStage = new Map<number, StrategySource>();
  for (const source of single) {
    const stage = stageOf(source);
    const known = byStage.get(stage);
    if (known === undefined) byStage.set(stage, source);
    else checkSame(known, source, stage);
  }
  const stages = [...byStage.keys()].toSorted((a, b) => a - b);
  checkStages(stages, byStage);
  const inOrder = stages.map((stage) => ({ stage, file: byStage.get(stage)!.file }));
  const file: StrategyFile = {
    currentStage: MERGED,
    operators: inOrder.flatMap(({ file: { operators } }) => operators),
    layouts: inOrder.flatMap(({ stage, file: { layouts } }) =>
      layouts.map((named) => ({ ...named, name: `${stage}-${named.name}` })),
    ),
  };
  return { file, passedOver: merged.map(({ name }) => name) };
}

/** The stage of a file is that of its first operator. */
function stageOf({ name, file }: StrategySource): number {
  const [first] = file.operators;
  if (first !== undefined && file.layouts.length > 0) return first.stage;
  const missing = first === undefined ? 'no operator, which would tell its stage' : 'no layout';
  throw new StrategyError('empty', `${name} has ${missing}`, { file: name });
}

function checkStages(stages: readonly number[], byStage: ReadonlyMap<number, StrategySource>): void {
  const missing = stages.findIndex((stage, index) => stage !== index);
  if (missing !== -1) {
    const last = stages.at(-1)!;
    const message = `there is a file of stage ${last} (${byStage.get(last)!.name}), but none of stage ${missing}`;
    throw new StrategyError('inconsistent', message);
  }
  const ranks = stages.map((stage) => ranksOfStages(byStage.get(stage)!.file.layouts));
  const other = ranks.findIndex((count) => count !== ranks[0]);
  if (other === -1) return;
  const [a, b] = [byStage.get(0)!.name, byStage.get(other)!.name];
  const message = `${a} is of stages of ${ranks[0]} ranks, ${b} of ${ranks[other]}: they are of different runs`;
  throw new StrategyError('inconsistent', message, { file: b });
}

/** Files of one stage differ in the order of their items only. */
function checkSame(a: StrategySource, b: StrategySource, stage: number): void {
  const layouts = new Map(a.file.layouts.map(({ name, layout }) => [name, keyOf(layout)]));
  const differing = b.file.layouts.find(({ name, layout }) => layouts.get(name) !== keyOf(layout));
  const missing = differing ?? onlyIn(a.file.layouts, b.file.layouts);
  if (missing === undefined) return;
  const message = `${a.name} and ${b.name} are of stage ${stage}, but ${missing.name} lies differently in them: they are of different runs`;
  throw new StrategyError('inconsistent', message, { file: b.name, tensor: missing.name });
}

function onlyIn(these: readonly NamedLayout[], those: readonly NamedLayout[]): NamedLayout | undefined {
  const names = new Set(those.map(({ name }) => name));
  return these.find(({ name }) => !names.has(name));
}

function keyOf({ deviceMatrix, tensorMap, optimizerShardSize, optimizerShardStep }: Layout): string {
  return JSON.stringify([deviceMatrix, tensorMap, optimizerShardSize, optimizerShardStep]);
}
