import fs from 'node:fs';
import path from 'node:path';
import { guarded, hasErrno } from './storage-error.ts';

/** Something below a folder that is no folder. */
export interface Found {
  /** Below the folder, parts joined by `/`. */
  readonly name: string;
  readonly full: string;
}

/**
 * What lies below a folder, also through links to folders; a link back to a folder on the way is not followed. Nothing
 * when the folder does not exist.
 *
 * @param enters whether to go into a folder, by its name below `root`
 * @throws StorageError when a folder cannot be read
 */
export function filesBelow(root: string, enters: (name: string) => boolean = () => true): readonly Found[] {
  const found: Found[] = [];
  const visit = (folder: string, below: string, way: readonly string[]): void => {
    const real = guarded(folder, () => fs.realpathSync(folder));
    if (way.includes(real)) return;
    for (const entry of guarded(folder, () => fs.readdirSync(folder, { withFileTypes: true }))) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      const full = path.join(folder, entry.name);
      const isFolder = entry.isSymbolicLink() ? statOf(full)?.isDirectory() : entry.isDirectory();
      if (!isFolder) found.push({ name, full });
      else if (enters(name)) visit(full, name, [...way, real]);
    }
  };
  if (statOf(root) !== undefined) visit(root, '', []);
  return found;
}

/** What a path leads to; nothing when it leads nowhere, or in a circle. */
export function statOf(full: string): fs.Stats | undefined {
  return guarded(full, () => {
    try {
      return fs.statSync(full, { throwIfNoEntry: false });
    } catch (error) {
      if (hasErrno(error, 'ELOOP')) return undefined;
      throw error;
    }
  });
}
