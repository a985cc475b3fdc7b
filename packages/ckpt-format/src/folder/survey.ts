import type { ByteSource, FileInfo, Folder } from '@cairn/bytes';
import { readBytes } from '@cairn/bytes';
import { isCkptError } from '../ckpt-error.ts';
import { indexCheckpoint } from '../index-checkpoint.ts';
import type { CheckpointName } from './checkpoint-name.ts';
import { parseCheckpointName } from './checkpoint-name.ts';
import { MAX_META_BYTES, META_FILE, parseMeta } from './meta-file.ts';
import type { MetaFile } from './meta-file.ts';
import { readPosition } from './read-position.ts';
import type { CheckpointPosition } from './read-position.ts';
import { sideFileName } from './side-file.ts';

/** A checkpoint file of a rank folder: its header has been read, its payload not. */
export interface SurveyedFile {
  /** Name without folder. */
  readonly file: string;
  readonly name: CheckpointName;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Null when the file could not be read. */
  readonly position: CheckpointPosition | null;
  /** Why it could not be read: truncated, malformed, encrypted. */
  readonly problem: string | null;
  /** Whether a side file lies beside it. */
  readonly side: boolean;
}

/** What a rank folder holds. Plain data: ranks exchange it. */
export interface Survey {
  readonly rank: number;
  readonly meta: MetaFile | null;
  /** Why there is no `meta.json` to go by; null when there is. */
  readonly metaProblem: string | null;
  readonly files: readonly SurveyedFile[];
}

/** Name of a rank's folder. */
export function rankFolder(rank: number): string {
  return `rank_${rank}`;
}

/** Gives the plaintext of a checkpoint file: decrypts what is encrypted. */
export type Unlock = (source: ByteSource) => ByteSource | Promise<ByteSource>;

/**
 * Looks through the folder of one rank: names, sizes, `meta.json`, headers; no payloads.
 *
 * @param folder the folder that holds the rank folders
 * @param unlock for folders of encrypted checkpoints
 */
export async function survey(folder: Folder, rank: number, unlock: Unlock = (source) => source): Promise<Survey> {
  const prefix = `${rankFolder(rank)}/`;
  const infos = new Map((await folder.list(prefix)).map((info) => [info.name.slice(prefix.length), info]));
  const meta = await surveyMeta(folder, rank, infos.get(META_FILE));
  const files: SurveyedFile[] = [];
  for (const [file, info] of infos) {
    const name = parseCheckpointName(file);
    // A file of another rank that lies here by mistake is not this rank's.
    if (name === null || name.rank !== rank) continue;
    const read = await surveyHeader(folder, info, name, unlock);
    files.push({
      file,
      name,
      bytes: info.bytes,
      modifiedMs: info.modifiedMs,
      ...read,
      side: infos.has(sideFileName(file)),
    });
  }
  return { rank, ...meta, files };
}

async function surveyMeta(
  folder: Folder,
  rank: number,
  info: FileInfo | undefined,
): Promise<Pick<Survey, 'meta' | 'metaProblem'>> {
  const place = `${rankFolder(rank)}/${META_FILE}`;
  if (info === undefined) return { meta: null, metaProblem: `${place} is not there` };
  if (info.bytes > MAX_META_BYTES)
    return { meta: null, metaProblem: `${place} has ${info.bytes} bytes: not a meta.json` };
  const meta = parseMeta(await readText(folder, info));
  if ('problem' in meta) return { meta: null, metaProblem: `${place} ${meta.problem}` };
  return { meta, metaProblem: null };
}

async function surveyHeader(
  folder: Folder,
  info: FileInfo,
  { format }: CheckpointName,
  unlock: Unlock,
): Promise<Pick<SurveyedFile, 'position' | 'problem'>> {
  const source = await folder.open(info.name);
  try {
    const plain = await unlock(source);
    const index = await indexCheckpoint(plain, format);
    return { position: await readPosition(plain, index), problem: null };
  } catch (error) {
    if (!isCkptError(error)) throw error;
    return { position: null, problem: error.message };
  } finally {
    await source.close();
  }
}

/** A whole file as UTF-8 text. */
export async function readText(folder: Folder, { name, bytes }: FileInfo): Promise<string> {
  const source = await folder.open(name);
  try {
    return new TextDecoder().decode(await readBytes(source, 0, bytes));
  } finally {
    await source.close();
  }
}
