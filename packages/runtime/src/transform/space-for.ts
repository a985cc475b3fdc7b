import { localFolder } from '@cairn/storage';
import type { Transformation } from './plan-transformation.ts';

/** Room on a disk, in bytes. */
export interface Space {
  /** Of the files that are not there yet. */
  readonly wantedBytes: number;
  readonly freeBytes: number;
}

/** What a transformation takes of the disk, and what there is. */
export async function spaceFor({ plan, destination }: Transformation): Promise<Space> {
  const folder = localFolder(destination);
  const there = new Map((await folder.list()).map(({ name, bytes }) => [name, bytes]));
  const missing = plan.files.filter(({ name, bytes }) => there.get(name) !== bytes);
  const wantedBytes = missing.reduce((sum, { bytes }) => sum + bytes, 0);
  return { wantedBytes, freeBytes: await folder.free() };
}
