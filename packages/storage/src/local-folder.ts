import fs from 'node:fs';
import path from 'node:path';
import type { CreateOptions, Draft, FileInfo, Folder } from '@cairn/bytes';
import { openFile } from './file-source.ts';
import { filesBelow, statOf } from './files-below.ts';
import { draftWriter, LocalDraft } from './local-draft.ts';
import { guarded } from './storage-error.ts';

/**
 * A directory of the local disk as a {@link Folder}. Drafts are hidden files beside their target; `commit` flushes all of
 * them, then renames one after the other and flushes their folder each time.
 *
 * The directory itself need not exist before the first file is created. Links to folders are followed; a link of a
 * file's name is replaced by a commit, what it led to stays.
 */
export function localFolder(root: string): Folder {
  const pathOf = (name: string): string => path.join(root, ...safeParts(name));
  return {
    location: root,
    list: async (prefix = '') => listFiles(root, prefix),
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

/** Parts of a name below the folder; a name never leads out of it, and never to a draft. */
function safeParts(name: string): string[] {
  const parts = name.split('/');
  const isSafe = (part: string): boolean =>
    part !== '' && part !== '.' && part !== '..' && !part.includes('\0') && path.basename(part) === part;
  if (!parts.every(isSafe) || draftWriter(parts.at(-1) ?? '') !== null) {
    throw new RangeError(`${JSON.stringify(name)} is not a name inside a folder`);
  }
  return parts;
}

function listFiles(root: string, prefix: string): FileInfo[] {
  const above = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const enters = (name: string): boolean =>
    `${above}${name}/`.startsWith(prefix) || prefix.startsWith(`${above}${name}/`);
  return filesBelow(path.join(root, above), enters)
    .map(({ name, full }) => ({ name: above + name, full }))
    .filter(({ name }) => name.startsWith(prefix) && draftWriter(path.basename(name)) === null)
    .flatMap(({ name, full }) => {
      const info = statOf(full);
      return info?.isFile() ? [{ name, bytes: info.size, modifiedMs: info.mtimeMs }] : [];
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
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
  return statOf(full) === undefined ? nearestExisting(path.dirname(full)) : full;
}
