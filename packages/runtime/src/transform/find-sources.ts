import fs from 'node:fs';
import path from 'node:path';
import { formatCheckpointName, parseCheckpointName, rankFolder } from '@cairn/ckpt-format/folder';
import { guarded } from '@cairn/storage';
import { RunError } from '../run-error.ts';
import { rankRoot } from '../rank/rank-root.ts';
import { neighbourHint } from '../run-paths.ts';

/** The files that a source path offers. */
export interface FoundSources {
  /** By rank; a complete checkpoint has rank 0 only, of which it may have several files. */
  readonly ranks: readonly (readonly string[])[];
  /** A complete checkpoint in one or several files, all of which are read; else of a rank's files one is chosen. */
  readonly isComplete: boolean;
  readonly warnings: readonly string[];
}

const CHECKPOINT = /\.(?:ckpt|safetensors)$/;

/**
 * Looks where `src_checkpoint` leads: a file, a folder of rank folders, a folder of safetensors parts (document 002;
 * mindformers-behaviour §3.3, §3.5). A folder with `rank_0` alone is a complete checkpoint (ruling 28).
 *
 * @param isCut whether it is known to be cut over several ranks: then the file of one stands for those of all
 * @throws RunError exit 2 for what is not there or no checkpoint, 4 when the folder or the file of a rank is missing
 */
export function findSources(given: string, isCut: boolean): FoundSources {
  const info = guarded(given, () => fs.statSync(given, { throwIfNoEntry: false }));
  if (info === undefined) throw refused(`${given} does not exist${neighbourHint(path.resolve(given))}`, given);
  if (info.isDirectory()) return inFolder(given);
  if (/\.(?:bin|pth?|pkl)$/.test(given)) {
    throw refused(`${given} is a pickle, which is code: save the model as safetensors`, given);
  }
  if (!CHECKPOINT.test(given))
    throw refused(`${given} is no checkpoint: the name ends in .ckpt or .safetensors`, given);
  return (isCut ? ofAllRanks(given) : null) ?? { ranks: [[given]], isComplete: true, warnings: [] };
}

/** The files of the same name in the folders of all ranks; null where there is no other rank. */
function ofAllRanks(given: string): FoundSources | null {
  const folder = path.dirname(path.resolve(given));
  const own = /^rank_(\d{1,9})$/.exec(path.basename(folder))?.[1];
  if (own === undefined) return null;
  const root = path.dirname(folder);
  const { ranks, warnings } = rankFolders(root, namesIn(root));
  if (ranks < 2) return null;
  const files = Array.from({ length: ranks }, (_, rank) => {
    const file = path.join(root, rankFolder(rank), nameOfRank(path.basename(given), Number(own), rank));
    if (fs.existsSync(file)) return [file];
    throw new RunError('rank-missing', 4, `${given} is the part of rank ${own}: ${file} is missing`, { rank, file });
  });
  const taken = `${given} is the part of rank ${own}: with it those of all ${ranks} ranks are taken`;
  return { ranks: files, isComplete: false, warnings: [...warnings, taken] };
}

/** What a rank's file is called where `name` is that of another: of a run, or of a transformation (`checkpoint_0.ckpt`). */
function nameOfRank(name: string, own: number, rank: number): string {
  const parts = parseCheckpointName(name);
  if (parts !== null) return formatCheckpointName({ ...parts, rank });
  return name.replace(new RegExp(`(?<!\\d)${own}(?=\\.[a-z]+$)`), String(rank));
}

function inFolder(given: string): FoundSources {
  const root = rankRoot(given);
  const names = namesIn(root);
  const files = names.filter((name) => CHECKPOINT.test(name)).map((name) => path.join(root, name));
  const { ranks, warnings } = rankFolders(root, names);
  if (ranks > 0) {
    const loose = files.length === 0 ? [] : [`${files[0]} lies beside the rank folders and is not read`];
    const found = Array.from({ length: ranks }, (_, rank) => filesOf(root, rank));
    return { ranks: found, isComplete: false, warnings: [...warnings, ...loose] };
  }
  if (files.length === 1 || (files.length > 1 && files.every((name) => name.endsWith('.safetensors')))) {
    return { ranks: [files], isComplete: true, warnings };
  }
  if (files.length === 0)
    throw refused(`${given} holds neither rank_0 nor a checkpoint (*.ckpt, *.safetensors)`, given);
  throw refused(`${given} holds ${files.length} checkpoints: name the one to transform, e.g. ${files[0]}`, given);
}

/** Rank folders must be 0 to n-1; the first that is missing is named. */
function rankFolders(root: string, names: readonly string[]): { ranks: number; warnings: readonly string[] } {
  const isRank = (name: string): boolean => /^rank_\d{1,9}$/.test(name);
  const ranks = names.filter(isRank).map((name) => Number(name.slice('rank_'.length)));
  const strange = names.filter((name) => name.startsWith('rank_') && !isRank(name));
  const warnings = strange.map((name) => `${path.join(root, name)} is not the folder of a rank and is not read`);
  const last = Math.max(-1, ...ranks);
  for (let rank = 0; rank <= last; rank++) {
    if (ranks.includes(rank)) continue;
    const folder = path.join(root, rankFolder(rank));
    throw new RunError('rank-missing', 4, `${folder} is missing, ${rankFolder(last)} is there: put it back`, {
      rank,
      file: folder,
    });
  }
  return { ranks: last + 1, warnings };
}

function filesOf(root: string, rank: number): readonly string[] {
  const folder = path.join(root, rankFolder(rank));
  const files = namesIn(folder).filter((name) => CHECKPOINT.test(name) && !name.startsWith('.'));
  const first = files[0];
  if (first === undefined) {
    throw new RunError('rank-missing', 4, `${folder} holds no checkpoint (*.ckpt, *.safetensors)`, {
      rank,
      file: folder,
    });
  }
  const other = files.find((name) => path.extname(name) !== path.extname(first));
  if (other !== undefined) throw refused(`${folder} holds ${first} and ${other}: keep one format`, folder);
  return files.map((name) => path.join(folder, name));
}

/** In the order of their characters, as upstream sorts. */
function namesIn(folder: string): readonly string[] {
  return guarded(folder, () => fs.readdirSync(folder)).toSorted();
}

function refused(message: string, file: string): RunError {
  return new RunError('usage', 2, message, { file });
}
