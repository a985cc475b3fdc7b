import fs from 'node:fs';
import path from 'node:path';
import type { CreateOptions, Draft, FileInfo, Folder } from '@cairn/bytes';
import { isDraftName, LocalDraft } from './local-draft.ts';
import { openFile } from './file-source.ts';
import { guarded } from './storage-error.ts';

/**
 * A directory of the local disk as a {@link Folder}. Drafts are hidden files beside their target; `commit` flushes all of
 * them, then renames one after the other and flushes their folder each time.
 *
 * The directory itself need not exist before the first file is created.
 */
export function localFolder(root: string): Folder {
  const pathOf = (name: string): string => path.join(root, ...safeParts(name));
  return {
    location: root,
    list: (prefix = '') => Promise.resolve(listFiles(root, prefix)),
    open: async (name) => openFile(pathOf(name)),
    create: async (name: string, options: CreateOptions = {}) => LocalDraft.begin(name, pathOf(name), options),
    commit: async (drafts) => commit(drafts),
    async remove(name) {
      const file = pathOf(name);
      guarded(file, () => fs.rmSync(file, { force: true }));
    },
    async free() {
      const existing = nearestExisting(root);
      const { bavail, bsize } = guarded(existing, () => fs.statfsSync(existing));
      return bavail * bsize;
    },
  };
}

/** Parts of a name below the folder; a name never leads out of it. */
function safeParts(name: string): string[] {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new RangeError(`${name} is not a name inside a folder`);
  }
  return parts;
}

function listFiles(root: string, prefix: string): FileInfo[] {
  const found: FileInfo[] = [];
  const visit = (folder: string, below: string): void => {
    for (const entry of guarded(folder, () => fs.readdirSync(folder, { withFileTypes: true }))) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      const full = path.join(folder, entry.name);
      if (isDraftName(entry.name)) continue;
      if (isFolder(entry, full)) {
        if (name.startsWith(prefix) || prefix.startsWith(`${name}/`)) visit(full, name);
      } else if (name.startsWith(prefix)) {
        const info = fs.statSync(full, { throwIfNoEntry: false });
        if (info?.isFile()) found.push({ name, bytes: info.size, modifiedMs: info.mtimeMs });
      }
    }
  };
  if (fs.existsSync(root)) visit(root, '');
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isFolder(entry: fs.Dirent, full: string): boolean {
  return (
    entry.isDirectory() ||
    (entry.isSymbolicLink() && (fs.statSync(full, { throwIfNoEntry: false })?.isDirectory() ?? false))
  );
}

function commit(drafts: readonly Draft[]): void {
  const own = drafts.map((draft) => {
    if (draft instanceof LocalDraft) return draft;
    throw new RangeError(`${draft.name} is a draft of another folder`);
  });
  for (const draft of own) draft.flush();
  for (const draft of own) draft.publish();
}

function nearestExisting(folder: string): string {
  const full = path.resolve(folder);
  return fs.existsSync(full) ? full : nearestExisting(path.dirname(full));
}
