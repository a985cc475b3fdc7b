import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * A digest of everything that decides what an install gives: lockfile, workspace file, every package.json, Node and platform.
 * @param {string} root the workspace root
 * @returns {string}
 */
export function installStamp(root) {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests(root)];
  const hash = createHash('sha256').update(`${process.version} ${process.platform} ${process.arch}\n`);
  for (const file of files)
    hash
      .update(`${file}\n`)
      .update(readFileSync(path.join(root, file)))
      .update('\n');
  return `${hash.digest('hex')}\n`;
}

/** package.json of the root, of its folders, and of theirs: what is installed is not here to ask, so every place is looked at. @param {string} root */
function manifests(root) {
  const first = folders(root, '.');
  return ['.', ...first, ...first.flatMap((folder) => folders(root, folder))]
    .map((folder) => path.posix.join(folder, 'package.json'))
    .filter((file) => existsSync(path.join(root, file)));
}

/** @param {string} root @param {string} folder */
function folders(root, folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map((entry) => path.posix.join(folder, entry.name))
    .sort();
}
