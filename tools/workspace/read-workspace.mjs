import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { readImports } from './read-imports.mjs';
import { readProjects, readReferences } from './read-projects.mjs';
import { isPublished, sourceFiles } from './source-files.mjs';

/**
 * @typedef {import('./read-projects.mjs').Project} Project
 * @typedef {import('./read-imports.mjs').Import} Import
 */

/**
 * @typedef {object} SourceFile
 * @property {string} path        relative to the workspace root
 * @property {boolean} published  part of what the package ships; everything else is tests and tools
 * @property {Import[]} imports
 */

/**
 * @typedef {object} Workspace
 * @property {(Project & { files: SourceFile[] })[]} projects
 * @property {string[]} rootReferences  what the root tsconfig.json builds
 */

/**
 * All projects with all imports of all their files.
 * @param {string} root
 * @returns {Workspace}
 */
export function readWorkspace(root) {
  const projects = readProjects(root).map((project) => ({
    ...project,
    files: sourceFiles(root, project.folder).map((file) => ({
      path: file,
      published: isPublished(path.posix.relative(project.folder, file)),
      imports: readImports(readFileSync(path.join(root, file), 'utf8')),
    })),
  }));
  const rootReferences = existsSync(path.join(root, 'tsconfig.json')) ? readReferences(root, 'tsconfig.json') : [];
  return { projects, rootReferences };
}
