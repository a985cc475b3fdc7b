import fs from 'node:fs';
import path from 'node:path';
import { parseCheckpointName, rankFolder } from '@cairn/ckpt-format/folder';
import { RunError } from '../run-error.ts';
import { rankRoot } from './rank-root.ts';

/**
 * The files a folder of weights offers a rank: complete ones in the folder itself, or the newest of the rank's folder.
 *
 * @throws RunError `nothing-to-resume` when there is none
 */
export function weightFiles(root: string, rank: number, format: 'ckpt' | 'safetensors'): readonly string[] {
  const ending = `.${format}`;
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
