import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/**
 * One package or application of the workspace.
 * @typedef {object} Project
 * @property {string} name        as in its package.json
 * @property {string} folder      relative to the workspace root, e.g. "packages/bytes"
 * @property {string[]} layers    what its nx tags say after "layer:"
 * @property {Manifest} manifest  its package.json
 * @property {BuildConfig} [build]  its tsconfig.build.json, where it has one
 */

/**
 * @typedef {object} BuildConfig
 * @property {{ types?: string[] }} compilerOptions  of the file itself
 * @property {{ types?: string[] }} baseOptions      of the file it extends
 * @property {string[]} references                   files it points to, relative to the workspace root
 */

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 * @property {Record<string, unknown> | string} [exports]
 * @property {Record<string, string>} [scripts]
 * @property {unknown} [bin]
 * @property {{ tags?: string[] }} [nx]
 */

/**
 * All projects that pnpm-workspace.yaml names, by folder.
 * @param {string} root the workspace root
 * @returns {Project[]}
 */
export function readProjects(root) {
  return projectFolders(root).map((folder) => {
    /** @type {Manifest} */
    const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
    const layers = (manifest.nx?.tags ?? []).flatMap((tag) => (tag.startsWith('layer:') ? [tag.slice(6)] : []));
    return { name: manifest.name, folder, layers, manifest, build: readBuildConfig(root, folder) };
  });
}

/**
 * The references of a tsconfig file, relative to the workspace root.
 * @param {string} root
 * @param {string} file relative to the root
 * @returns {string[]}
 */
export function readReferences(root, file) {
  const references = /** @type {{ path: string }[]} */ (readJsonc(path.join(root, file)).references ?? []);
  return references.map((reference) => path.posix.join(path.posix.dirname(file), reference.path));
}

/** @param {string} root */
function projectFolders(root) {
  return workspaceGlobs(readFileSync(path.join(root, 'pnpm-workspace.yaml'), 'utf8'))
    .flatMap((glob) => {
      if (!glob.endsWith('/*')) return [glob];
      const parent = glob.slice(0, -2);
      return existsSync(path.join(root, parent))
        ? readdirSync(path.join(root, parent)).map((d) => `${parent}/${d}`)
        : [];
    })
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
    .sort();
}

/** The list under `packages:`. @param {string} yaml */
function workspaceGlobs(yaml) {
  const list = /^packages:\n((?: +- .*\n)*)/m.exec(yaml)?.[1] ?? '';
  return [...list.matchAll(/- ['"]?([^'"\s]+)/g)].map(([, glob]) => glob);
}

/** @param {string} root @param {string} folder @returns {BuildConfig | undefined} */
function readBuildConfig(root, folder) {
  const file = `${folder}/tsconfig.build.json`;
  if (!existsSync(path.join(root, file))) return undefined;
  const own = readJsonc(path.join(root, file));
  const base = own.extends === undefined ? {} : readJsonc(path.join(root, folder, own.extends));
  return {
    compilerOptions: own.compilerOptions ?? {},
    baseOptions: base.compilerOptions ?? {},
    references: readReferences(root, file),
  };
}

/** @param {string} file */
function readJsonc(file) {
  const { config, error } = ts.parseConfigFileTextToJson(file, readFileSync(file, 'utf8'));
  if (error !== undefined) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`);
  return config;
}
