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
  /** Name that a rank's file of it has. */
  nameOn(rank: number): string;
}

/**
 * All saved steps of the surveyed folders, newest first: by `step_num`, then by the run that wrote them. One whose files
 * say no step stands by its name, before the first that is older by name; it can only be rejected.
 */
export function candidatesOf(surveys: readonly Survey[]): readonly Candidate[] {
  const groups = new Map<string, Map<number, SurveyedFile>>();
  for (const { rank, files } of surveys) {
    for (const file of files) {
      const label = formatCheckpointName({ ...file.name, rank: 0 });
      const group = groups.get(label) ?? new Map<number, SurveyedFile>();
      groups.set(label, group.set(rank, file));
    }
  }
  const all = [...groups].map(([label, files]) => candidateOf(label, files)).toSorted(newestByName);
  const placed = all.filter(({ step }) => step !== null).toSorted((a, b) => (b.step ?? 0) - (a.step ?? 0));
  const unplaced = all.filter(({ step }) => step === null);
  const behind = (candidate: Candidate): number => {
    const index = placed.findIndex((other) => newestByName(candidate, other) <= 0);
    return index < 0 ? placed.length : index;
  };
  const before = (index: number): readonly Candidate[] => unplaced.filter((each) => behind(each) === index);
  return [...placed.flatMap((candidate, i) => [...before(i), candidate]), ...before(placed.length)];
}

function candidateOf(label: string, files: ReadonlyMap<number, SurveyedFile>): Candidate {
  const [any] = files.values();
  if (any === undefined) throw new RangeError(`${label} has no file`);
  const { name } = any;
  const steps = [...files.values()].flatMap(({ position }) => (position?.step == null ? [] : [position.step]));
  return {
    label,
    files,
    step: steps.length > 0 ? Math.min(...steps) : null,
    run: name.run,
    epochByName: name.epoch,
    stepByName: name.step,
    nameOn: (rank) => formatCheckpointName({ ...name, rank }),
  };
}

function newestByName(a: Candidate, b: Candidate): number {
  if (a.run !== b.run) return b.run - a.run;
  if (a.epochByName !== b.epochByName) return b.epochByName - a.epochByName;
  if (a.stepByName !== b.stepByName) return b.stepByName - a.stepByName;
  return a.label < b.label ? -1 : 1;
}
