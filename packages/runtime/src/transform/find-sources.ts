import fs from 'node:fs';
import path from 'node:path';
import { rankFolder } from '@cairn/ckpt-format/folder';
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
 * @throws RunError exit 2 for what is not there or no checkpoint, 4 when the folder of a rank is missing
 */
export function findSources(given: string): FoundSources {
  const info = guarded(given, () => fs.statSync(given, { throwIfNoEntry: false }));
  if (info === undefined) throw refused(`${given} does not exist${neighbourHint(path.resolve(given))}`, given);
  if (info.isDirectory()) return inFolder(given);
  if (/\.(?:bin|pth?|pkl)$/.test(given)) {
    throw refused(`${given} is a pickle, which is code: save the model as safetensors`, given);
  }
  if (!CHECKPOINT.test(given))
    throw refused(`${given} is no checkpoint: the name ends in .ckpt or .safetensors`, given);
  return { ranks: [[given]], isComplete: true, warnings: [] };
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
