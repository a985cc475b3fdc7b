import type { Proof, Survey, SurveyedFile } from '@cairn/ckpt-format/folder';
import { formatCheckpointName, parseCheckpointName } from '@cairn/ckpt-format/folder';
import type { Candidate } from './candidates.ts';
import { candidatesOf } from './candidates.ts';
import { ResumeError } from './resume-error.ts';

/** Which checkpoint is asked for: the one of this name (any rank's, extension optional), or the newest. */
export type WantedCheckpoint =
  | { readonly kind: 'named'; readonly name: string }
  /** `lastTimestamp`: each rank's last file by time, steps may differ (ruling 9). */
  | { readonly kind: 'newest'; readonly lastTimestamp: boolean };

/** One candidate and what became of it. */
export interface Reason {
  readonly rank: number | null;
  readonly file: string;
  readonly verdict: 'taken' | 'rejected' | 'not-needed';
  readonly why: string;
}

/** From where every rank continues. */
export interface Resumption {
  readonly kind: 'resume';
  /** File name of each rank, in the order of the surveys. */
  readonly files: readonly string[];
  /** Steps trained; the smallest where the ranks are at different ones. */
  readonly step: number;
  /** Every candidate that was looked at, and what became of it. */
  readonly reasons: readonly Reason[];
  /** What has to be said loudly. */
  readonly warnings: readonly string[];
}

/** Files whose wholeness decides; call again with their proofs. */
export interface ProofsWanted {
  readonly kind: 'prove';
  readonly files: readonly { readonly rank: number; readonly file: string }[];
}

/** Either it is decided, or files have to be proven first. */
export type ResumeDecision = Resumption | ProofsWanted;

/** Proofs so far, by {@link proofKey}. */
export type Proofs = ReadonlyMap<string, Proof>;

/** The key of a file's proof. */
export function proofKey(rank: number, file: string): string {
  return `${rank}/${file}`;
}

/**
 * Decides from where the ranks of a run continue (rulings 8 to 11). Pure: every rank that has the same surveys and
 * proofs decides the same.
 *
 * The newest checkpoint is looked for from what the ranks' `meta.json` say, the smallest step where they differ, and
 * backwards, never forward, to the newest step that is whole on every rank. Without a `meta.json` on a rank it is the
 * newest whole one by step. A named one is taken strictly.
 *
 * @param surveys one of each rank, in rank order
 * @param proofs  of files asked for so far; empty at first. Every answer `prove` asks for files that are not in it, so
 *                calling again with their proofs comes to an end
 * @throws ResumeError `nothing-to-resume`, or `inconsistent` when a named checkpoint is absent or damaged
 */
export function decideResume(surveys: readonly Survey[], wanted: WantedCheckpoint, proofs: Proofs): ResumeDecision {
  if (wanted.kind === 'named') return decideNamed(surveys, wanted.name, proofs);
  if (surveys.every(({ files }) => files.length === 0)) {
    throw new ResumeError('nothing-to-resume', 'no rank folder holds a checkpoint: check load_checkpoint');
  }
  return wanted.lastTimestamp ? decideByTime(surveys, proofs) : decideNewest(surveys, proofs);
}

function decideNewest(surveys: readonly Survey[], proofs: Proofs): ResumeDecision {
  const candidates = candidatesOf(surveys);
  const reasons: Reason[] = [];
  const warnings: string[] = [];
  const withoutMeta = surveys.filter(({ meta }) => meta === null);
  for (const { metaProblem } of withoutMeta) warnings.push(metaProblem ?? 'no meta.json');
  if (withoutMeta.length > 0)
    warnings.push('a rank has no meta.json to go by: the newest step that is whole on every rank is taken');
  const begin = withoutMeta.length > 0 ? 0 : startingPoint(surveys, candidates, reasons);

  for (const [i, candidate] of candidates.entries()) {
    if (i < begin) {
      reasons.push({
        rank: null,
        file: candidate.label,
        verdict: 'not-needed',
        why: 'newer than the last save that meta.json calls complete',
      });
      continue;
    }
    const verdict = judge(surveys, candidate, proofs);
    if (verdict.kind === 'prove') return verdict;
    reasons.push(...verdict.reasons);
    if (verdict.kind === 'rejected') continue;
    warnings.push(...runWarning(surveys, candidate));
    warnings.push(...timeWarning(surveys, candidate, withoutMeta.length > 0));
    for (const older of candidates.slice(i + 1)) {
      reasons.push({ rank: null, file: older.label, verdict: 'not-needed', why: 'older than the one taken' });
    }
    return { kind: 'resume', files: verdict.files, step: verdict.step, reasons, warnings };
  }
  const told = reasons.filter(({ verdict }) => verdict === 'rejected').map(tell);
  const ofAnother = [...proofs.values()].some((proof) => !proof.whole && proof.differs);
  throw new ResumeError(
    ofAnother ? 'inconsistent' : 'nothing-to-resume',
    `${ofAnother ? 'no checkpoint is of this model' : 'no checkpoint is whole'} on every rank:\n${told.join('\n')}`,
  );
}

/**
 * Index of the candidate to begin with: the newest that is not newer than what any rank's `meta.json` names. A named
 * file that is gone is placed by its position.
 */
function startingPoint(surveys: readonly Survey[], candidates: readonly Candidate[], reasons: Reason[]): number {
  const begins = surveys.map(({ rank, meta }) => {
    const name = meta && parseCheckpointName(meta.lastFile);
    if (meta === null || name === null) return 0;
    const label = formatCheckpointName({ ...name, rank: 0 });
    const here = candidates.findIndex((candidate) => candidate.label === label);
    if (here >= 0) return here;
    reasons.push({ rank, file: meta.lastFile, verdict: 'rejected', why: 'meta.json names it, but it is not there' });
    const behind = candidates.findIndex(
      ({ run, epochByName, stepByName }) =>
        run < name.run ||
        (run === name.run && (epochByName < name.epoch || (epochByName === name.epoch && stepByName <= name.step))),
    );
    return behind >= 0 ? behind : candidates.length;
  });
  return Math.max(0, ...begins);
}

type Verdict =
  | {
      readonly kind: 'taken';
      readonly files: readonly string[];
      readonly step: number;
      readonly reasons: readonly Reason[];
    }
  | { readonly kind: 'rejected'; readonly reasons: readonly Reason[] }
  | ProofsWanted;

/** Whether a step is whole on every rank. Everything wrong with it is reported. */
function judge(surveys: readonly Survey[], candidate: Candidate, proofs: Proofs): Verdict {
  const flaws: Reason[] = [];
  const unproven: { rank: number; file: string }[] = [];
  const files: string[] = [];
  for (const { rank } of surveys) {
    const found = candidate.files.get(rank);
    const reject = (why: string): void => {
      flaws.push({ rank, file: candidate.nameOn(rank), verdict: 'rejected', why });
    };
    if (found === undefined) {
      reject('it is not there');
      continue;
    }
    files.push(found.file);
    if (found.problem !== null) reject(found.problem);
    else if (found.position?.step == null) reject('it has no step_num: weights only, or cut off');
    else if (found.position.step !== candidate.step)
      reject(`it is of step ${found.position.step}, another rank's is of ${candidate.step}`);
    else {
      const proof = proofs.get(proofKey(rank, found.file));
      if (proof === undefined) unproven.push({ rank, file: found.file });
      else if (!proof.whole) reject(proof.why);
    }
  }
  if (flaws.length > 0) return { kind: 'rejected', reasons: flaws };
  if (unproven.length > 0) return { kind: 'prove', files: unproven };
  const taken: Reason = {
    rank: null,
    file: candidate.label,
    verdict: 'taken',
    why: `whole on every rank, step ${candidate.step}`,
  };
  return { kind: 'taken', files, step: candidate.step ?? 0, reasons: [taken] };
}

/** Said when the fallback leads to a run before the one that saved last. */
function runWarning(surveys: readonly Survey[], { run, label }: Candidate): readonly string[] {
  const last = surveys.find(({ meta }) => meta !== null)?.meta?.lastFile;
  const name = last === undefined ? null : parseCheckpointName(last);
  return name === null || name.run === run ? [] : [`${label} is of another run than ${last}, the last save`];
}

/** The documents speak of the last timestamp where a `meta.json` is missing; said when that is another file. */
function timeWarning(surveys: readonly Survey[], taken: Candidate, withoutMeta: boolean): readonly string[] {
  if (!withoutMeta) return [];
  return surveys.flatMap(({ rank, files }) => {
    const last = lastByTime(files);
    const own = taken.files.get(rank);
    if (last === undefined || own === undefined || last.file === own.file) return [];
    return [`rank ${rank}: ${last.file} is the last by time; to take it, set resume_by_last_timestamp_ckpt: True`];
  });
}

/** What a name without an extension may have, in this order. */
const FORMATS = ['ckpt', 'safetensors'] as const;

function decideNamed(surveys: readonly Survey[], wanted: string, proofs: Proofs): ResumeDecision {
  const base = wanted.split('/').pop() ?? wanted;
  const extended = /\.(?:ckpt|safetensors)$/.test(base);
  const name = parseCheckpointName(extended ? base : `${base}.ckpt`);
  if (name === null) {
    throw new ResumeError(
      'refused',
      `resume_training: ${wanted} is not the name of a checkpoint; one looks like prefix_rank_0-12_2.ckpt`,
    );
  }
  const labels = (extended ? [name.format] : FORMATS).map((format) =>
    formatCheckpointName({ ...name, rank: 0, format }),
  );
  const candidates = candidatesOf(surveys);
  const candidate = labels.flatMap((label) => candidates.filter((each) => each.label === label))[0];
  if (candidate === undefined) throw absent(surveys, base);
  const verdict = judge(surveys, candidate, proofs);
  if (verdict.kind === 'prove') return verdict;
  if (verdict.kind === 'rejected') {
    const [first] = verdict.reasons;
    const at = { ...(first?.rank == null ? {} : { rank: first.rank }), file: first?.file ?? base };
    const told = verdict.reasons.map(tell).join('\n');
    throw new ResumeError('inconsistent', `${base} was named, so no other is taken:\n${told}`, at);
  }
  return { kind: 'resume', files: verdict.files, step: verdict.step, reasons: verdict.reasons, warnings: [] };
}

/** The error for a name that no rank has, with the names there are. */
function absent(surveys: readonly Survey[], wanted: string): ResumeError {
  const there = candidatesOf(surveys).map(({ label }) => label);
  const hint = there.length > 0 ? `there are ${there.slice(0, 5).join(', ')}` : 'there is no checkpoint at all';
  return new ResumeError('inconsistent', `${wanted} is not there; ${hint}`, { file: wanted });
}

/** The file that was written last; of several that were written at the same time, the one of the latest step. */
function lastByTime(files: readonly SurveyedFile[]): SurveyedFile | undefined {
  const stepOf = ({ position }: SurveyedFile): number => position?.step ?? -1;
  const byTime = (a: SurveyedFile, b: SurveyedFile): number =>
    b.modifiedMs - a.modifiedMs || stepOf(b) - stepOf(a) || (a.file < b.file ? -1 : 1);
  return files.toSorted(byTime)[0];
}

function decideByTime(surveys: readonly Survey[], proofs: Proofs): ResumeDecision {
  const chosen = surveys.map(({ rank, files }) => {
    const last = lastByTime(files);
    if (last === undefined) throw new ResumeError('inconsistent', `rank ${rank} has no checkpoint`, { rank });
    if (last.problem !== null || last.position?.step == null) {
      throw new ResumeError(
        'inconsistent',
        `rank ${rank}: ${last.file}: ${last.problem ?? 'it has no step_num: weights only, or cut off'}`,
        { rank, file: last.file },
      );
    }
    return { rank, file: last.file, step: last.position.step };
  });
  const unproven = chosen.filter(({ rank, file }) => !proofs.has(proofKey(rank, file)));
  if (unproven.length > 0) return { kind: 'prove', files: unproven.map(({ rank, file }) => ({ rank, file })) };
  for (const { rank, file } of chosen) {
    const proof = proofs.get(proofKey(rank, file));
    if (proof && !proof.whole)
      throw new ResumeError('inconsistent', `rank ${rank}: ${file}: ${proof.why}`, { rank, file });
  }
  const step = Math.min(...chosen.map((choice) => choice.step));
  const differ = chosen.some((choice) => choice.step !== step);
  const steps = chosen.map((choice) => `rank ${choice.rank} at step ${choice.step}`).join(', ');
  return {
    kind: 'resume',
    files: chosen.map(({ file }) => file),
    step,
    reasons: chosen.map(({ rank, file }) => ({ rank, file, verdict: 'taken', why: 'the last by time on this rank' })),
    warnings: differ ? [`the ranks are at different steps (${steps}); training continues from ${step}`] : [],
  };
}

/** A reason as one line. */
function tell({ rank, file, why }: Reason): string {
  return `  ${rank === null ? '' : `rank ${rank}: `}${file}: ${why}`;
}
