import fs from 'node:fs';
import type { SideFile } from '@cairn/ckpt-format/folder';
import { MAX_SIDE_BYTES, parseSideFile, sideFileName } from '@cairn/ckpt-format/folder';
import { guarded } from '@cairn/storage';

/** What lies beside a checkpoint, with the text it was read from; null when there is nothing that can be used. */
export function readSide(checkpoint: string): { readonly side: SideFile; readonly text: string } | null {
  const file = sideFileName(checkpoint);
  const info = fs.statSync(file, { throwIfNoEntry: false });
  if (info === undefined || info.size > MAX_SIDE_BYTES) return null;
  const text = guarded(file, () => fs.readFileSync(file, 'utf8'));
  const side = parseSideFile(text);
  return 'problem' in side ? null : { side, text };
}
