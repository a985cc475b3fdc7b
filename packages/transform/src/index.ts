export { digestSlice } from './apply/digest-slice.ts';
export { endOf, fileLayout, writePlannedFile } from './apply/write-planned-file.ts';
export type { WriteSources, WriteStart, WrittenEntry } from './apply/write-planned-file.ts';
export { BLOCK_BYTES, createWorkspace, workspaceBytes } from './apply/workspace.ts';
export type { Workspace } from './apply/workspace.ts';
export { parseTransformArgv } from './argv/parse-transform-argv.ts';
export type { TransformArgv } from './argv/parse-transform-argv.ts';
export type { TransformOptions } from './argv/transform-options.ts';
export { arrangementOf, arrangementOfStrategy, ranksOf } from './arrangement.ts';
export type { Arrangement, Placement } from './arrangement.ts';
export { divideRanks } from './divide-ranks.ts';
export type { Share } from './divide-ranks.ts';
export { planTransform } from './plan-transform.ts';
export type { OutputSpec, TransformRequest } from './plan-transform.ts';
export type { SourceFile } from './source-file.ts';
export { isTransformError, TransformError } from './transform-error.ts';
export type { TransformErrorCode, TransformErrorPlace } from './transform-error.ts';
export type {
  PassReason,
  PlanCost,
  PlanNote,
  PlannedEntry,
  PlannedFile,
  PlannedSource,
  PlannedTensor,
  PlannedText,
  StoredSlice,
  Take,
  TransformPlan,
} from './transform-plan.ts';
export { UNIFIED_INDEX, UNIFIED_PART_BYTES, unifiedIndex } from './unified-files.ts';
