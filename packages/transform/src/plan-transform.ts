import type { CheckpointFormat } from '@cairn/ckpt-format';
import type { Arrangement } from './arrangement.ts';
import { ranksOf } from './arrangement.ts';
import { FilePlanner } from './file-planner.ts';
import { costOf } from './plan-cost.ts';
import type { SourceFile } from './source-file.ts';
import { TransformError } from './transform-error.ts';
import type { PlannedFile, TransformPlan } from './transform-plan.ts';
import { unifiedFiles } from './unified-files.ts';

/** What is to be transformed into what. */
export interface TransformRequest {
  readonly sources: readonly SourceFile[];
  /** How the source lies on its ranks; null = it is complete. */
  readonly from: Arrangement | null;
  /** How the destination is to lie; null = complete. Both null: the files are converted as they are. */
  readonly to: Arrangement | null;
  /** What is written. */
  readonly output: OutputSpec;
}

/** How the destination's files are called, and which are wanted. */
export interface OutputSpec {
  /** Before the rank in the name of a file; upstream's default is `checkpoint_`. */
  readonly prefix: string;
  readonly format: CheckpointFormat;
  /** Destination ranks to plan for, ascending; all when absent. */
  readonly ranks?: readonly number[] | undefined;
  /** A complete destination as safetensors parts of at most about this size, with an index. */
  readonly unifiedPartBytes?: number | undefined;
}

/**
 * Plans a transformation from indexes and strategies alone; no content is read.
 *
 * @throws TransformError `nothing-in-common`, `inconsistent`, `incomplete`, `refused`, `unsupported`; CkptError
 *         `unwritable` when the format cannot hold what the source does
 */
export function planTransform(request: TransformRequest): TransformPlan {
  const { sources, from, to, output } = request;
  checkCommon(request);
  const planner = new FilePlanner(request);
  const all = Array.from({ length: ranksOf(to) }, (_, rank) => rank);
  const planned = (output.ranks ?? all).map((rank) => planner.plan(rank));
  const files = unified(planned, output);
  return {
    sources: sources.map(({ path, rank, stamp, index: { format, bytes } }) => ({ path, rank, format, bytes, stamp })),
    files,
    notes: planner.notes(from !== null || to !== null),
    cost: costOf(files),
  };
}

function unified(planned: readonly PlannedFile[], { unifiedPartBytes }: OutputSpec): readonly PlannedFile[] {
  const [complete] = planned;
  if (unifiedPartBytes === undefined || complete === undefined) return planned;
  return unifiedFiles(complete, unifiedPartBytes);
}

/** A strategy of which no file holds a tensor is another model's. */
function checkCommon({ sources, from, to }: TransformRequest): void {
  const listed = [from, to].filter((side) => side !== null);
  if (listed.length === 0) return;
  const isCommon = (name: string): boolean => listed.every(({ tensors }) => tensors.has(name));
  if (sources.some(({ index }) => index.entries.some(({ name }) => isCommon(name)))) return;
  const [first] = sources[0]?.index.entries ?? [];
  const [example] = listed[0]!.tensors.keys();
  throw new TransformError(
    'nothing-in-common',
    `no tensor of the source is in ${listed.length === 1 ? 'the strategy' : 'both strategies'}: the files hold names like ${first?.name}, ` +
      `the strategy lists names like ${example}; name the strategies of this checkpoint`,
  );
}
