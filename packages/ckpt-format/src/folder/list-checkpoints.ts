import type { FileInfo, Folder } from '@cairn/bytes';
import type { CheckpointFormat } from '../checkpoint-index.ts';
import { parseCheckpointName } from './checkpoint-name.ts';
import { META_FILE } from './meta-file.ts';
import { sideFileName } from './side-file.ts';
import type { SurveyedHeader, SurveyedMeta, Unlock } from './survey.ts';
import { rankOfFolder, surveyHeader, surveyMeta, unlocked } from './survey.ts';

/** A checkpoint file, whatever its name: its header has been read, its payload not. */
export interface ListedFile extends SurveyedHeader {
  /** Name without folder. */
  readonly file: string;
  /** Path below the listed folder. */
  readonly path: string;
  readonly format: CheckpointFormat;
  readonly bytes: number;
  readonly modifiedMs: number;
  /** Whether a side file lies beside it. */
  readonly side: boolean;
}

/** The checkpoints of one folder, without those of folders below it. */
export interface ListedFolder extends SurveyedMeta {
  /** Path below the listed folder; empty for that folder itself. */
  readonly path: string;
  /** Whether there is a `meta.json`, sound or not. */
  readonly hasMeta: boolean;
  readonly files: readonly ListedFile[];
}

/**
 * Looks for checkpoint files (`*.ckpt`, `*.safetensors`) in a folder and all folders below it: names, sizes, `meta.json`,
 * headers; no payloads. Strategy files, which are called `.ckpt` too, are left out: those in a folder `strategy`, or with
 * that word in their name.
 *
 * @returns the folders that hold checkpoints or a `meta.json`: rank folders in the order of the ranks, others by path
 */
export async function listCheckpoints(folder: Folder, unlock: Unlock = unlocked): Promise<readonly ListedFolder[]> {
  const infos = await folder.list();
  const names = new Set(infos.map(({ name }) => name));
  const groups = new Map<string, FileInfo[]>();
  for (const info of infos) {
    const path = folderOf(info.name);
    const format = formatOf(info.name);
    const isMeta = info.name === below(path, META_FILE);
    if (format === null && !isMeta) continue;
    const group = groups.get(path);
    if (group === undefined) groups.set(path, [info]);
    else group.push(info);
  }
  const listed: ListedFolder[] = [];
  for (const [path, group] of groups) {
    const metaInfo = group.find(({ name }) => name === below(path, META_FILE));
    const meta = await surveyMeta(folder, below(path, META_FILE), metaInfo);
    const files: ListedFile[] = [];
    for (const info of group) {
      const format = formatOf(info.name);
      if (format === null) continue;
      const { name, bytes, modifiedMs } = info;
      const file = path === '' ? name : name.slice(path.length + 1);
      const header = await surveyHeader(folder, info, format, unlock);
      files.push({ file, path: name, format, bytes, modifiedMs, ...header, side: names.has(sideFileName(name)) });
    }
    listed.push({ path, hasMeta: metaInfo !== undefined, ...meta, files: files.toSorted(byStep) });
  }
  return listed.toSorted(byPlace);
}

/** The format of a checkpoint file by its path; null for other files. */
function formatOf(name: string): CheckpointFormat | null {
  if (name.endsWith('.ckpt')) return isStrategyFile(name) ? null : 'ckpt';
  return name.endsWith('.safetensors') ? 'safetensors' : null;
}

function isStrategyFile(path: string): boolean {
  const [file = '', folder = ''] = path.split('/').toReversed();
  return (folder === 'strategy' || file.includes('strategy')) && parseCheckpointName(file) === null;
}

function folderOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('/')));
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

/** By the step inside the files; those without one first, in name order. */
function byStep(a: ListedFile, b: ListedFile): number {
  return (a.position?.step ?? -1) - (b.position?.step ?? -1) || (a.file < b.file ? -1 : 1);
}

/** Folders of one parent by rank, so that rank_10 comes behind rank_9. */
function byPlace(a: ListedFolder, b: ListedFolder): number {
  const [x, y] = [folderOf(a.path), folderOf(b.path)];
  const [r, q] = [rankOfFolder(a.path), rankOfFolder(b.path)];
  if (x === y && r !== null && q !== null) return r - q;
  return a.path < b.path ? -1 : 1;
}
