import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isPublished, sourceFiles } from '../workspace/source-files.mjs';

/**
 * @typedef {object} MeasuredFile
 * @property {string} path   relative to the workspace root
 * @property {string} text
 * @property {number} lines
 * @property {'source' | 'test' | 'tool' | 'generated'} kind
 */

/**
 * Every source file of the project, its tests and its tools.
 * @param {string} root the workspace root
 * @param {import('../workspace/read-projects.mjs').Project[]} projects
 * @returns {MeasuredFile[]}
 */
export function measureFiles(root, projects) {
  const folders = [...projects.map(({ folder }) => folder), 'tools'];
  return folders.flatMap((folder) =>
    sourceFiles(root, folder).map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      return { path: file, text, lines: text.split('\n').length - 1, kind: kindOf(folder, file, text) };
    }),
  );
}

/** @param {string} folder @param {string} file @param {string} text @returns {MeasuredFile['kind']} */
function kindOf(folder, file, text) {
  if (/^\/\/ Generated .*; do not edit/.test(text)) return 'generated';
  if (!isPublished(path.posix.relative(folder, file))) return 'test';
  return folder === 'tools' ? 'tool' : 'source';
}
