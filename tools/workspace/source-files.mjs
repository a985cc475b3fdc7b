import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const SOURCE = /\.[cm]?[jt]s$/;
const DECLARATION = /\.d\.[cm]?ts$/;

/** Folders that hold no source of ours. */
const PASSED_OVER = new Set(['node_modules', 'dist', 'golden', 'output']);

/**
 * Source files below a folder, sorted; links, hidden folders, build output and golden data are passed over.
 * @param {string} root the workspace root
 * @param {string} folder relative to the root
 * @returns {string[]} paths relative to the root, with "/"
 */
export function sourceFiles(root, folder) {
  if (!existsSync(path.join(root, folder))) return [];
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const at = path.posix.join(folder, entry.name);
      if (entry.isFile()) return SOURCE.test(entry.name) && !DECLARATION.test(entry.name) ? [at] : [];
      return entry.isDirectory() && !entry.name.startsWith('.') && !PASSED_OVER.has(entry.name)
        ? sourceFiles(root, at)
        : [];
    })
    .sort();
}

/**
 * Whether a file is part of what a project is for. The others are its tests, its benches and the settings of its tools.
 * @param {string} file relative to the project's folder
 */
export function isPublished(file) {
  return !/^(?:test|bench|kernels)\//.test(file) && !/\.(?:test|bench|config)\.[cm]?[jt]s$/.test(file);
}
