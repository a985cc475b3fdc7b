import { createHash } from 'node:crypto';
import path from 'node:path';
import type { CheckpointFormat } from '@cairn/ckpt-format';
import { localFolder } from '@cairn/storage';
import { divideRanks, planTransform, ranksOf, TransformError, unifiedIndex } from '@cairn/transform';
import type { Arrangement, PlannedFile, TransformOptions, TransformPlan } from '@cairn/transform';
import { RunError } from '../run-error.ts';
import { findSources } from './find-sources.ts';
import { indexSources } from './index-sources.ts';
import { readArrangement } from './read-arrangement.ts';
import { sideBaseOf } from './side-of.ts';
import type { SideBase } from './side-of.ts';

/** What is to be transformed, with the layouts known. */
export interface TransformQuestion {
  /** File, or folder of rank folders. */
  readonly source: string;
  /** Null = the source is complete. */
  readonly from: Arrangement | null;
  /** Null = the destination is to be complete. */
  readonly to: Arrangement | null;
  /** Folder for the destination's files. */
  readonly destination: string;
  readonly prefix: string;
  /** Destination ranks to transform; null = all. */
  readonly ranks: readonly number[] | null;
  /** Step to take where a rank has several files; null = the last by name. */
  readonly step: number | null;
  /** Null = that of the source. */
  readonly format: CheckpointFormat | null;
  readonly unifiedPartBytes: number | null;
}

/** A plan and where it leads. */
export interface Transformation {
  readonly plan: TransformPlan;
  readonly destination: string;
  /** Small files that say how the others belong together, by name. */
  readonly texts: Readonly<Record<string, string>>;
  /** Digest of the plan: of what is read, in which state, and of what becomes of it. */
  readonly id: string;
  /** What is known of the run that the checkpoint is of. */
  readonly side: SideBase;
  /** What a person should know beside the plan's notes. */
  readonly warnings: readonly string[];
}

/**
 * Plans a transformation of files: looks for the sources, reads their indexes, and works out what each destination file
 * takes from where. Nothing is written.
 *
 * @throws RunError, TransformError, CkptError, StrategyError, StorageError
 */
export async function planTransformation(question: TransformQuestion): Promise<Transformation> {
  const { source, from: given, to, destination, prefix, ranks, step, unifiedPartBytes } = question;
  const found = findSources(source, given !== null && ranksOf(given) > 1);
  const isLone = found.ranks.length === 1;
  const from = isLone ? null : given;
  const warnings = [...found.warnings];
  if (isLone && given !== null) warnings.push(`${source} is a complete checkpoint: the source strategy is ignored`);
  checkRanks(source, found.ranks.length, from);
  const { files, format, warnings: choices } = await indexSources(found, step);
  const output = { prefix, format: question.format ?? format, ranks: ranks ?? undefined };
  const parts = unifiedPartBytes === null ? {} : { unifiedPartBytes };
  const plan = planTransform({ sources: files, from, to, output: { ...output, ...parts } });
  checkPlaces(plan, destination);
  const side = await sideBaseOf(files[0]!.path);
  const texts = unifiedPartBytes === null ? {} : { 'param_name_map.json': unifiedIndex(plan.files) };
  if (ranks === null) warnings.push(...(await strangersIn(destination, plan)));
  return { plan, destination, texts, id: idOf(plan.files, plan), side, warnings: [...warnings, ...choices] };
}

/** As {@link planTransformation}, from the words of a command line. */
export async function planOptions(options: TransformOptions): Promise<Transformation> {
  const { srcStrategy, dstStrategy, outputFormat, unifiedPartBytes } = options;
  if (srcStrategy === null && dstStrategy === null && outputFormat === null && unifiedPartBytes === null) {
    throw new TransformError(
      'usage',
      'neither --src_strategy nor --dst_strategy is given: nothing says what to cut; --output_format converts without cutting',
    );
  }
  const [from, to] = [await readArrangement(srcStrategy), await readArrangement(dstStrategy)];
  const { srcCheckpoint: source, dstCheckpoint: destination, prefix, step } = options;
  const ranks = ranksToDo(options, to);
  return planTransformation({
    source,
    from,
    to,
    destination,
    prefix,
    ranks,
    step,
    format: outputFormat,
    unifiedPartBytes,
  });
}

/** The share of one rank, where one is named; else all ranks. */
function ranksToDo({ rankId, processNum, worldSize, unifiedPartBytes }: TransformOptions, to: Arrangement | null) {
  const ranks = ranksOf(to);
  if (worldSize !== null && worldSize !== ranks) {
    const message = `--world_size ${worldSize} contradicts the destination, which has ${ranks} rank${ranks === 1 ? '' : 's'}`;
    throw new TransformError('usage', message);
  }
  // The parts of a unified checkpoint may be written by any number of processes.
  const shares = unifiedPartBytes === null ? divideRanks(ranks, processNum) : [];
  if (rankId === null) return null;
  if (rankId >= ranks) {
    throw new TransformError('usage', `--rank_id ${rankId}: the destination has ranks 0 to ${ranks - 1}`);
  }
  const share = shares.find(({ worker }) => worker === rankId);
  if (share !== undefined) return share.ranks;
  const workers = shares.map(({ worker }) => worker).join(', ');
  throw new TransformError(
    'usage',
    `--rank_id ${rankId} has no work: with ${processNum} processes ranks ${workers} have`,
  );
}

/** Digest of one planned file: of what it is made of, in which state, and how. */
export function idOf(what: PlannedFile | readonly PlannedFile[], { sources }: TransformPlan): string {
  const text = JSON.stringify([sources.map(({ path: name, stamp }) => [name, stamp]), what]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function checkRanks(source: string, ranks: number, from: Arrangement | null): void {
  if (ranks === 1) return;
  if (from === null) {
    const message = `${source} holds ${ranks} ranks, and nothing says how they are cut: give --src_strategy`;
    throw new TransformError('usage', message, { file: source });
  }
  const wanted = ranksOf(from);
  if (wanted === ranks) return;
  const stages = from.stages === 1 ? '1 stage' : `${from.stages} stages`;
  const hint = 'of a run with pipeline stages give the folder of all strategy files, or the merged file';
  throw new RunError('usage', 2, `${source} holds ${ranks} ranks, the strategy ${wanted} (${stages}): ${hint}`, {
    file: source,
  });
}

/** A destination file must not be one of the sources. */
function checkPlaces({ sources, files }: TransformPlan, destination: string): void {
  const read = new Set(sources.map(({ path: name }) => path.resolve(name)));
  const both = files.find(({ name }) => read.has(path.resolve(destination, name)));
  if (both === undefined) return;
  const file = path.join(destination, both.name);
  throw new TransformError('usage', `${file} is a source: choose another folder for the destination`, { file });
}

/** Checkpoints in the destination that are not of this transformation: who loads the folder may take them for its own. */
async function strangersIn(destination: string, { files }: TransformPlan): Promise<readonly string[]> {
  const own = new Set(files.map(({ name }) => name));
  const there = (await localFolder(destination).list('rank_')).map(({ name }) => name);
  const strangers = there.filter((name) => /^rank_\d+\/[^/]+\.(?:ckpt|safetensors)$/.test(name) && !own.has(name));
  const [first] = strangers;
  if (first === undefined) return [];
  const more = strangers.length === 1 ? '' : ` and ${strangers.length - 1} more`;
  return [
    `the destination holds ${path.join(destination, first)}${more} of another transformation: remove what is not wanted`,
  ];
}
