import type { Survey, SurveyedFile } from '@cairn/ckpt-format/folder';
import { formatCheckpointName } from '@cairn/ckpt-format/folder';

/** One saved step as far as the ranks have files of it: the same name but for the rank. */
export interface Candidate {
  /** Rank 0's name of it; stands for the step in messages. */
  readonly label: string;
  /** The file of each rank that has one, by rank. */
  readonly files: ReadonlyMap<number, SurveyedFile>;
  /** Steps trained when it was saved: `step_num` inside the files; null when no file could be read. */
  readonly step: number | null;
  /** Number of the run that wrote it, and its position by name; for the order where the step says nothing. */
  readonly run: number;
  readonly epochByName: number;
  readonly stepByName: number;
}

/** Name of the same save on another rank. */
export function nameOnRank(file: SurveyedFile, rank: number): string {
  return formatCheckpointName({ ...file.name, rank });
}

/** All saved steps of the surveyed folders, newest first: by `step_num`, then by the run that wrote them. */
export function candidatesOf(surveys: readonly Survey[]): readonly Candidate[] {
  const groups = new Map<string, Map<number, SurveyedFile>>();
  for (const { rank, files } of surveys) {
    for (const file of files) {
      const label = nameOnRank(file, 0);
      const group = groups.get(label) ?? new Map<number, SurveyedFile>();
      groups.set(label, group.set(rank, file));
    }
  }
  return [...groups].map(([label, files]) => candidateOf(label, files)).toSorted(newestFirst);
}

function candidateOf(label: string, files: ReadonlyMap<number, SurveyedFile>): Candidate {
  const [any] = files.values();
  const steps = [...files.values()].flatMap(({ position }) => (position?.step == null ? [] : [position.step]));
  return {
    label,
    files,
    step: steps.length > 0 ? Math.min(...steps) : null,
    run: any?.name.run ?? 0,
    epochByName: any?.name.epoch ?? 0,
    stepByName: any?.name.step ?? 0,
  };
}

function newestFirst(a: Candidate, b: Candidate): number {
  if (a.step !== null && b.step !== null && a.step !== b.step) return b.step - a.step;
  if (a.run !== b.run) return b.run - a.run;
  return b.epochByName - a.epochByName || b.stepByName - a.stepByName;
}
