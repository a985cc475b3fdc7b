import fs from 'node:fs';
import path from 'node:path';
import type { OpenSource } from '@cairn/bytes';
import { indexCheckpoint } from '@cairn/ckpt-format';
import type { CheckpointFormat } from '@cairn/ckpt-format';
import type { ExpectedEntry, Proof, SideFile } from '@cairn/ckpt-format/folder';
import {
  MAX_SIDE_BYTES,
  parseCheckpointName,
  parseSideFile,
  proveWhole,
  rankFolder,
  sideFileName,
  survey,
} from '@cairn/ckpt-format/folder';
import type { Group } from '@cairn/collectives';
import type { RunConfig } from '@cairn/config';
import { decideResume, proofKey, ResumeError } from '@cairn/resume';
import type { Proofs, Reason, WantedCheckpoint } from '@cairn/resume';
import { localFolder, openFile } from '@cairn/storage';
import { RunError } from '../run-error.ts';
import type { RunPaths } from '../run-paths.ts';
import { neighbourHint } from '../run-paths.ts';
import type { OpenCheckpoint } from './load-checkpoint.ts';
import type { SealSettings } from './sealed-files.ts';
import { unsealed } from './sealed-files.ts';

/** From what a rank starts. */
export type StartPoint =
  | { readonly kind: 'fresh' }
  /** Weights of one or several complete files; training begins at step 1. */
  | { readonly kind: 'weights'; readonly files: readonly string[] }
  | {
      readonly kind: 'resume';
      readonly file: string;
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
  /** Entries this rank's checkpoint must hold. */
  readonly expected: ReadonlyMap<string, ExpectedEntry>;
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
  const resumes = config.resume_training !== false;
  if (wanted === '') {
    if (!resumes) return { kind: 'fresh' };
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
  if (!fs.statSync(full).isDirectory()) return resumes ? fromFile(full, search) : { kind: 'weights', files: [full] };
  return resumes ? fromFolder(full, search) : { kind: 'weights', files: weightFiles(full, search) };
}

/** A file wins over a name beside it, and is taken strictly. */
async function fromFile(file: string, search: StartSearch): Promise<StartPoint> {
  const { config } = search;
  await refuseWeightsOnly(file, search);
  const proof = await prove(file, search);
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
  return { kind: 'resume', file, reasons: [reason], warnings };
}

/** A file of all weights and no state is not resumed from (ruling 3). */
async function refuseWeightsOnly(file: string, { expected, seal }: StartSearch): Promise<void> {
  const checkpoint = await openCheckpoint(file, seal);
  await checkpoint.close();
  const names = new Set(checkpoint.index.entries.map(({ name }) => name));
  const states = [...expected.keys()].filter((name) => /^adam_[mv]\./.test(name));
  const weights = [...expected.keys()].filter((name) => !/^adam_[mv]\./.test(name));
  if (names.has('step_num') || states.some((name) => names.has(name)) || !weights.every((name) => names.has(name)))
    return;
  const message = `${file} holds weights only, which cannot be resumed from: take one of the checkpoint folder, or set resume_training: False to start from these weights`;
  throw new ResumeError('refused', message, { file });
}

async function fromFolder(root: string, search: StartSearch): Promise<StartPoint> {
  const { config, rank, world, seal } = search;
  const folder = localFolder(rankRoot(root));
  const own = await survey(folder, rank, (source) => unsealed(source, seal));
  const surveys = await exchange(world, own);
  const wanted: WantedCheckpoint =
    typeof config.resume_training === 'string'
      ? { kind: 'named', name: config.resume_training }
      : { kind: 'newest', lastTimestamp: config.resume_by_last_timestamp_ckpt };
  let proofs: Proofs = new Map();
  for (;;) {
    const decision = decideResume(surveys, wanted, proofs);
    if (decision.kind === 'resume') {
      const file = path.join(rankRoot(root), rankFolder(rank), decision.files[world.rank] ?? '');
      return { kind: 'resume', file, reasons: decision.reasons, warnings: decision.warnings };
    }
    const mine = decision.files.find((each) => each.rank === rank);
    const proof = mine ? await prove(path.join(folder.location, rankFolder(rank), mine.file), search) : null;
    const all = await exchange(world, mine && proof ? { key: proofKey(rank, mine.file), proof } : null);
    proofs = new Map([...proofs, ...all.flatMap((each) => (each === null ? [] : [[each.key, each.proof] as const]))]);
  }
}

/** Every rank's value, in rank order. */
async function exchange<T>(world: Group, value: T): Promise<readonly T[]> {
  const parts = await world.allGather(new TextEncoder().encode(JSON.stringify(value)));
  // Every rank sends what this one sends.
  return parts.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as T);
}

async function prove(file: string, { expected, seal }: StartSearch): Promise<Proof> {
  const source = openFile(file);
  try {
    const side = readSide(file);
    return await proveWhole(await unsealed(source, seal), { format: formatOf(file), expected, side });
  } finally {
    await source.close();
  }
}

/** The side file of a checkpoint; null when there is none that can be used. */
export function readSide(checkpoint: string): SideFile | null {
  const file = sideFileName(checkpoint);
  const info = fs.statSync(file, { throwIfNoEntry: false });
  if (info === undefined || info.size > MAX_SIDE_BYTES) return null;
  const side = parseSideFile(fs.readFileSync(file, 'utf8'));
  return 'problem' in side ? null : side;
}

/** A folder whose only child holds the rank folders stands for that child (ruling 26). */
function rankRoot(root: string): string {
  const children = fs.readdirSync(root);
  const [only] = children;
  if (children.length !== 1 || only === undefined || only.startsWith('rank_')) return root;
  const inner = path.join(root, only);
  return fs.statSync(inner).isDirectory() && fs.readdirSync(inner).some((name) => name.startsWith('rank_'))
    ? inner
    : root;
}

/** Complete files in the folder itself, or the newest of this rank's folder. */
function weightFiles(root: string, { config, rank }: StartSearch): readonly string[] {
  const ending = `.${config.load_ckpt_format}`;
  const filesIn = (folder: string): string[] =>
    fs.existsSync(folder)
      ? fs
          .readdirSync(folder)
          .filter((name) => name.endsWith(ending))
          .map((name) => path.join(folder, name))
      : [];
  const complete = filesIn(root);
  if (complete.length > 0) return complete;
  const own = filesIn(path.join(rankRoot(root), rankFolder(rank)));
  const [newest] = own.toSorted(newestByName);
  if (newest !== undefined) return [newest];
  throw new RunError(
    'nothing-to-resume',
    3,
    `load_checkpoint: ${root} holds neither ${ending} files nor a ${rankFolder(rank)} with some`,
    { file: root },
  );
}

/** Later runs first, then later positions; files of other names behind, the last changed first. */
function newestByName(a: string, b: string): number {
  const [x, y] = [parseCheckpointName(path.basename(a)), parseCheckpointName(path.basename(b))];
  if (x && y) return y.run - x.run || y.epoch - x.epoch || y.step - x.step;
  if (x || y) return x ? -1 : 1;
  return fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs;
}

/** Format of a checkpoint by its ending. */
export function formatOf(file: string): CheckpointFormat {
  if (/\.(?:bin|pth?|pt)$/.test(file)) {
    throw new RunError('unsupported', 2, `${file} is a pickle, which is code: save the model as safetensors`, { file });
  }
  return file.endsWith('.safetensors') ? 'safetensors' : 'ckpt';
}

/** Opens and indexes a checkpoint for loading. The caller closes it. */
export async function openCheckpoint(
  file: string,
  seal: SealSettings | null,
): Promise<OpenCheckpoint & { close: OpenSource['close'] }> {
  const opened = openFile(file);
  try {
    const source = await unsealed(opened, seal);
    return { file, source, index: await indexCheckpoint(source, formatOf(file)), close: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
