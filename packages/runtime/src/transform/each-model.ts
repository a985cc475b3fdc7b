import fs from 'node:fs';
import path from 'node:path';
import { guarded } from '@cairn/storage';
import type { TransformOptions } from '@cairn/transform';

/**
 * A folder of `.ckpt` files that has no rank folders holds several models, each complete: each is transformed into a
 * folder of its name (mindformers-behaviour §3.3).
 *
 * @returns what is to be done for each; what was given, where there is one
 */
export function eachModel(options: TransformOptions): readonly TransformOptions[] {
  const { srcCheckpoint: source, dstCheckpoint } = options;
  if (fs.statSync(source, { throwIfNoEntry: false })?.isDirectory() !== true) return [options];
  const names = guarded(source, () => fs.readdirSync(source)).toSorted();
  const files = names.filter((name) => name.endsWith('.ckpt'));
  if (files.length < 2 || names.some((name) => name.startsWith('rank_'))) return [options];
  return files.map((name) => ({
    ...options,
    srcCheckpoint: path.join(source, name),
    dstCheckpoint: path.join(dstCheckpoint, name.split('.')[0] ?? name),
  }));
}
