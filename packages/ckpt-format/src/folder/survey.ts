import type { ByteSource, FileInfo, Folder } from '@cairn/bytes';
import { readBytes } from '@cairn/bytes';
import type { CheckpointFormat } from '../checkpoint-index.ts';
import { isCkptError } from '../ckpt-error.ts';
import { indexCheckpoint } from '../index-checkpoint.ts';
import type { CheckpointName } from './checkpoint-name.ts';
import { parseCheckpointName } from './checkpoint-name.ts';
import { MAX_META_BYTES, META_FILE, parseMeta } from './meta-file.ts';
import type { MetaFile } from './meta-file.ts';
import { positionAtEnd } from './position-at-end.ts';
import { readPosition } from './read-position.ts';
import type { CheckpointPosition } from './read-position.ts';
import { sideFileName } from './side-file.ts';

/** What the header of a checkpoint file says. */
export interface SurveyedHeader {
  /** Null when the file could not be read. */
  readonly position: CheckpointPosition | null;
  /** Why it could not be read: truncated, malformed, encrypted. */
  readonly problem: string | null;
}

/** A checkpoint file of a rank folder: its header has been read, its payload not. */
export interface SurveyedFile extends SurveyedHeader {
  /** Name without folder. */
  readonly file: string;
  readonly name: CheckpointName;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Whether a side file lies beside it. */
  readonly side: boolean;
}

/** What a folder's `meta.json` says. */
export interface SurveyedMeta {
  readonly meta: MetaFile | null;
  /** Why there is no `meta.json` to go by; null when there is. */
  readonly metaProblem: string | null;
}

/** What a rank folder holds. Plain data: ranks exchange it. */
export interface Survey extends SurveyedMeta {
  readonly rank: number;
  readonly files: readonly SurveyedFile[];
}

/** Name of a rank's folder. */
export function rankFolder(rank: number): string {
  return `rank_${rank}`;
}

/** The rank whose folder a path names; null for other folders. */
export function rankOfFolder(path: string): number | null {
  const rank = /(?:^|\/)rank_(\d{1,9})$/.exec(path)?.[1];
  return rank === undefined ? null : Number(rank);
}

/** Gives the plaintext of a checkpoint file: decrypts what is encrypted. */
export type Unlock = (source: ByteSource) => ByteSource | Promise<ByteSource>;

/** For folders in which nothing is encrypted. */
export const unlocked: Unlock = (source) => source;

/**
 * Looks through the folder of one rank: names, sizes, `meta.json`, positions; no payloads. A `.ckpt` whose end tells its
 * position is not walked: whether it is whole, only a proof says. What lies in folders below it, or belongs to another rank by its name, is not this rank's.
 *
 * @param folder the folder that holds the rank folders
 * @param unlock for folders of encrypted checkpoints
 */
export async function survey(folder: Folder, rank: number, unlock: Unlock = unlocked): Promise<Survey> {
  const prefix = `${rankFolder(rank)}/`;
  const infos = new Map((await folder.list(prefix)).map((info) => [info.name.slice(prefix.length), info]));
  const meta = await surveyMeta(folder, `${prefix}${META_FILE}`, infos.get(META_FILE));
  const files: SurveyedFile[] = [];
  for (const [file, info] of infos) {
    const name = parseCheckpointName(file);
    if (name === null || name.rank !== rank) continue;
    const { bytes, modifiedMs } = info;
    const header = await surveyHeader(folder, info, name.format, unlock);
    files.push({ file, name, bytes, modifiedMs, ...header, side: infos.has(sideFileName(file)) });
  }
  return { rank, ...meta, files };
}

/** @param place path of the `meta.json` in the folder, for messages */
export async function surveyMeta(folder: Folder, place: string, info: FileInfo | undefined): Promise<SurveyedMeta> {
  if (info === undefined) return { meta: null, metaProblem: `${place} is not there` };
  if (info.bytes > MAX_META_BYTES)
    return { meta: null, metaProblem: `${place} has ${info.bytes} bytes: not a meta.json` };
  const meta = parseMeta(await readText(folder, info));
  if ('problem' in meta) return { meta: null, metaProblem: `${place} ${meta.problem}` };
  return { meta, metaProblem: null };
}

/** Reads the header of a checkpoint file and the numbers that tell its position. */
export async function surveyHeader(
  folder: Folder,
  info: FileInfo,
  format: CheckpointFormat,
  unlock: Unlock,
): Promise<SurveyedHeader> {
  const source = await folder.open(info.name);
  try {
    const plain = await unlock(source);
    const told = format === 'ckpt' ? await positionAtEnd(plain) : null;
    const position = told ?? (await readPosition(plain, await indexCheckpoint(plain, format)));
    return { position, problem: null };
  } catch (error) {
    if (!isCkptError(error)) throw error;
    return { position: null, problem: error.message };
  } finally {
    await source.close();
  }
}

/** A whole file as UTF-8 text, also when it was replaced since it was listed. */
export async function readText(folder: Folder, { name }: Pick<FileInfo, 'name'>): Promise<string> {
  const source = await folder.open(name);
  try {
    return new TextDecoder().decode(await readBytes(source, 0, source.size));
  } finally {
    await source.close();
  }
}
