import fs from 'node:fs';
import path from 'node:path';
import { guarded } from '@cairn/storage';
import { nearestName } from './nearest-name.ts';
import { usageError } from './usage-error.ts';

/**
 * What a path on the command line leads to.
 *
 * @throws RunError exit 2 when it leads nowhere; the message names the nearest thing that exists
 */
export async function kindOfPath(name: string): Promise<'file' | 'folder'> {
  const info = guarded(name, () => fs.statSync(name, { throwIfNoEntry: false }));
  if (info !== undefined) return info.isDirectory() ? 'folder' : 'file';
  throw await usageError(`${name} does not exist${neighbourHint(name)}`, name);
}

/** "; the nearest that exists is …", or nothing. */
export function neighbourHint(name: string): string {
  const folder = path.dirname(name);
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return `; there is no folder ${folder}`;
  // A link that leads nowhere has the name itself.
  const names = guarded(folder, () => fs.readdirSync(folder)).filter((each) => each !== path.basename(name));
  const nearest = nearestName(path.basename(name), names);
  return nearest === null ? '' : `; the nearest that exists is ${path.join(folder, nearest)}`;
}
