import fs from 'node:fs';
import path from 'node:path';
import { rankFolder, survey } from '@cairn/ckpt-format/folder';
import type { Group } from '@cairn/collectives';
import type { RunConfig } from '@cairn/config';
import { proofKey, ResumeError } from '@cairn/resume';
import type { Reason, WantedCheckpoint } from '@cairn/resume';
import { localFolder } from '@cairn/storage';
import { RunError } from '../run-error.ts';
import type { RunPaths } from '../run-paths.ts';
import { neighbourHint } from '../run-paths.ts';
import { openCheckpoint, proveFile } from './checkpoint-file.ts';
import type { ExpectedContents } from './checkpoint-file.ts';
import { rankRoot } from './rank-root.ts';
import type { SealSettings } from './sealed-files.ts';
import { unsealed } from './sealed-files.ts';
import { settleResume, wantedCheckpoint } from './settle-resume.ts';
import { weightFiles } from './weight-files.ts';

/** From what a rank starts. */
export type StartPoint =
  | { readonly kind: 'fresh' }
  /** Weights of one or several complete files; training begins at step 1. */
  | { readonly kind: 'weights'; readonly files: readonly string[] }
  | {
      readonly kind: 'resume';
      /** How it was found: named, by the ranks' `meta.json`, or without one. */
      readonly search: 'named' | 'meta' | 'no-meta';
      readonly file: string;
      /** Smallest step of the ranks' files; null where this rank's alone counts. */
      readonly step: number | null;
      readonly reasons: readonly Reason[];
      readonly warnings: readonly string[];
    };

/** What is needed to look for it. */
export interface StartSearch {
  readonly config: RunConfig;
  readonly paths: RunPaths;
  readonly rank: number;
  /** All ranks of the run: they exchange what their folders hold. */
  readonly world: Group;
  /** What this rank's checkpoint must hold. */
  readonly expected: ExpectedContents;
  readonly seal: SealSettings | null;
}

/**
 * Where the configuration's `load_checkpoint` and `resume_training` lead (rulings 8 to 11).
 *
 * @throws RunError, ResumeError with the exit codes of the rulings
 */
export async function findStartPoint(search: StartSearch): Promise<StartPoint> {
  const { config, paths } = search;
  const wanted = config.load_checkpoint;
  if (wanted === '') {
    if (config.resume_training === false) return { kind: 'fresh' };
    throw new ResumeError(
      'nothing-to-resume',
      'resume_training needs load_checkpoint: name a checkpoint folder or file',
    );
  }
  const full = paths.input(wanted);
  if (!fs.existsSync(full)) {
    throw new RunError('nothing-to-resume', 3, `load_checkpoint: ${wanted} does not exist${neighbourHint(full)}`, {
      file: wanted,
    });
  }
  const isFolder = fs.statSync(full).isDirectory();
  if (config.resume_training === false) {
    return { kind: 'weights', files: isFolder ? weightFiles(full, search.rank, config.load_ckpt_format) : [full] };
  }
  if (!isFolder) return fromFile(full, search);
  return fromFolder(full, wantedCheckpoint(config.resume_training, config.resume_by_last_timestamp_ckpt), search);
}

/** A file wins over a name beside it, and is taken strictly. */
async function fromFile(file: string, search: StartSearch): Promise<StartPoint> {
  const { config } = search;
  await refuseWeightsOnly(file, search);
  const proof = await proveFile(file, search.expected, search.seal);
  if (!proof.whole) throw new ResumeError('inconsistent', `${file}: ${proof.why}`, { file });
  const ignored = typeof config.resume_training === 'string';
  const warnings = ignored
    ? [`load_checkpoint is a file, so resume_training: ${config.resume_training} is ignored`]
    : [];
  const reason: Reason = {
    rank: null,
    file: path.basename(file),
    verdict: 'taken',
    why: 'load_checkpoint names this file',
  };
  return { kind: 'resume', search: 'named', file, step: null, reasons: [reason], warnings };
}

/** A file of all weights and no state is not resumed from (ruling 3). */
async function refuseWeightsOnly(file: string, { expected, seal }: StartSearch): Promise<void> {
  const checkpoint = await openCheckpoint(file, seal);
  await checkpoint.close();
  const names = new Set(checkpoint.index.entries.map(({ name }) => name));
  const states = [...expected.whole.keys()].filter((name) => /^adam_[mv]\./.test(name));
  const weights = [...expected.whole.keys()].filter((name) => !/^adam_[mv]\./.test(name));
  if (names.has('step_num') || states.some((name) => names.has(name)) || !weights.every((name) => names.has(name)))
    return;
  const message = `${file} holds weights only, which cannot be resumed from: take one of the checkpoint folder, or set resume_training: False to start from these weights`;
  throw new ResumeError('refused', message, { file });
}

async function fromFolder(root: string, wanted: WantedCheckpoint, searching: StartSearch): Promise<StartPoint> {
  const { rank, world, expected, seal } = searching;
  const folder = rankRoot(root);
  const fileOf = (name: string): string => path.join(folder, rankFolder(rank), name);
  const own = await survey(localFolder(folder), rank, (source) => unsealed(source, seal));
  const surveys = await exchange(world, own);
  const [first] = own.files;
  const noneHasStep = own.files.every(({ problem, position }) => problem === null && position?.step == null);
  if (first !== undefined && noneHasStep) await refuseWeightsOnly(fileOf(first.file), searching);
  const { files, step, reasons, warnings } = await settleResume(surveys, wanted, async (unproven) => {
    const mine = unproven.find((each) => each.rank === rank);
    const proof = mine && ([proofKey(rank, mine.file), await proveFile(fileOf(mine.file), expected, seal)] as const);
    return (await exchange(world, proof ?? null)).filter((each) => each !== null);
  });
  const searched = surveys.some(({ meta }) => meta === null) ? 'no-meta' : 'meta';
  const search = wanted.kind === 'named' ? 'named' : searched;
  return { kind: 'resume', search, file: fileOf(files[world.rank] ?? ''), step, reasons, warnings };
}

/** Every rank's value, in rank order. */
async function exchange<T>(world: Group, value: T): Promise<readonly T[]> {
  const parts = await world.allGather(new TextEncoder().encode(JSON.stringify(value)));
  // Every rank sends what this one sends.
  return parts.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
}
