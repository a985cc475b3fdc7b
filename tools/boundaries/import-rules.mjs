import { builtinModules } from 'node:module';
import path from 'node:path';
import { packageOf } from '../workspace/read-imports.mjs';

/**
 * @typedef {import('../workspace/read-workspace.mjs').Workspace} Workspace
 * @typedef {Workspace['projects'][number]} Project
 */

const BUILTIN = new Set(builtinModules);

/** Files that every project takes from the workspace root, by the file that may do so. */
const FROM_THE_ROOT = new Map([['vitest.config.ts', 'vitest.base.ts']]);

/** A package imports what its own package.json lists; what only devDependencies list, only tests import. @param {Workspace} workspace */
export function onlyDeclared(workspace) {
  return eachImport(workspace, ({ name, project, published }) => {
    const target = packageOf(name);
    if (isRelative(name) || name.startsWith('node:') || (target === project.name && !published)) return undefined;
    if (target === project.name) return `imports its own package as ${name}: import the file`;
    if (BUILTIN.has(name)) return `imports ${name}: write node:${name}`;
    const { dependencies, devDependencies, peerDependencies } = project.manifest;
    if (Object.hasOwn({ ...dependencies, ...peerDependencies }, target)) return undefined;
    if (!Object.hasOwn(devDependencies ?? {}, target))
      return `imports ${target}, which ${project.folder}/package.json does not list`;
    return published
      ? `imports ${target}, which is only a devDependency: published code needs it under dependencies`
      : undefined;
  });
}

/** Another package is imported by a name that it exports. @param {Workspace} workspace */
export function onlyExported(workspace) {
  const byName = new Map(workspace.projects.map((project) => [project.name, project]));
  return eachImport(workspace, ({ name }) => {
    const target = byName.get(packageOf(name));
    if (isRelative(name) || target === undefined) return undefined;
    const entry = `.${name.slice(target.name.length)}`;
    const { exports } = target.manifest;
    const entries = typeof exports === 'object' ? Object.keys(exports) : ['.'];
    return entries.includes(entry)
      ? undefined
      : `imports ${name}, but ${target.name} exports only ${entries.join(', ')}`;
  });
}

/** A relative import stays inside its package. @param {Workspace} workspace */
export function noEscape(workspace) {
  return eachImport(workspace, ({ name, project, file }) => {
    if (!isRelative(name)) return undefined;
    const target = path.posix.join(path.posix.dirname(file), name);
    if (target.startsWith(`${project.folder}/`)) return undefined;
    if (FROM_THE_ROOT.get(path.posix.relative(project.folder, file)) === target) return undefined;
    return `imports ${name}, which is outside ${project.folder}: import the package that has it by name`;
  });
}

/** Contract, format and domain packages touch neither Node nor its types. @param {Workspace} workspace */
export function pureSource(workspace) {
  return eachImport(workspace, ({ name, project, published }) =>
    published && isPure(project) && (name.startsWith('node:') || name === 'node' || BUILTIN.has(name))
      ? `imports ${name} in a ${project.layers[0]} package: effects come in through an interface (ByteSource, Folder, …)`
      : undefined,
  );
}

/** The compiler of a pure package does not know Node either. @param {Workspace} workspace */
export function pureTypes({ projects }) {
  return projects.flatMap((project) => {
    if (!isPure(project) || project.build === undefined) return [];
    const types = project.build.compilerOptions.types ?? project.build.baseOptions.types;
    if (types !== undefined && types.length === 0) return [];
    return [
      `${project.folder}/tsconfig.build.json: a ${project.layers[0]} package compiles with "types": [], found ${JSON.stringify(types)}`,
    ];
  });
}

/** @param {Project} project */
function isPure({ layers }) {
  return layers.some((layer) => ['contract', 'format', 'domain'].includes(layer));
}

/** @param {string} name */
function isRelative(name) {
  return name.startsWith('.') || name.startsWith('/');
}

/**
 * @param {Workspace} workspace
 * @param {(at: { name: string, project: Project, file: string, published: boolean }) => string | undefined} flaw
 * @returns {string[]}
 */
function eachImport({ projects }, flaw) {
  return projects.flatMap((project) =>
    project.files.flatMap(({ path: file, published, imports }) =>
      imports.flatMap(({ name, line }) => {
        const message = flaw({ name, project, file, published });
        return message === undefined ? [] : [`${file}:${line}: ${message}`];
      }),
    ),
  );
}
