import { packageOf } from '../workspace/read-imports.mjs';

/**
 * @typedef {import('../workspace/read-workspace.mjs').Workspace} Workspace
 * @typedef {Workspace['projects'][number]} Project
 */

/** A workspace package that package.json lists is imported, by published code or by tests as the list says. @param {Workspace} workspace */
export function noIdleDependency({ projects }) {
  const imported = new Set(projects.filter(isImported).map(({ name }) => name));
  return projects.flatMap(({ folder, manifest, files }) => {
    const used = importedBy(files.filter(({ published }) => published));
    const usedByTests = importedBy(files.filter(({ published }) => !published));
    const idle = Object.keys(manifest.dependencies ?? {}).filter((name) => imported.has(name) && !used.has(name));
    const idleInTests = Object.keys(manifest.devDependencies ?? {}).filter(
      (name) => imported.has(name) && !usedByTests.has(name),
    );
    return [
      ...idle.map((name) => `${folder}/package.json: dependencies list ${name}, which no published file imports`),
      ...idleInTests.map((name) => `${folder}/package.json: devDependencies list ${name}, which no test imports`),
    ];
  });
}

/** What a package depends on is what its build refers to, and the other way round. @param {Workspace} workspace */
export function referencesMatch({ projects }) {
  return projects.flatMap(({ folder, manifest, build }) => {
    if (build === undefined) return [];
    const listed = projects.filter(({ name }) => Object.hasOwn(manifest.dependencies ?? {}, name));
    const needed = listed.filter(isImported).map(buildOf);
    return [
      ...missing(needed, build.references).map(
        (file) => `${folder}/tsconfig.build.json: no reference to ${file}, a dependency in package.json`,
      ),
      ...missing(build.references, listed.map(buildOf)).map(
        (file) => `${folder}/tsconfig.build.json: refers to ${file}, which is no dependency in package.json`,
      ),
    ];
  });
}

/** The root tsconfig.json builds every project. @param {Workspace} workspace */
export function rootBuildsAll({ projects, rootReferences }) {
  const built = projects.flatMap(({ folder, build }) => (build === undefined ? [] : [`${folder}/tsconfig.build.json`]));
  return [
    ...missing(built, rootReferences).map((file) => `tsconfig.json: no reference to ${file}`),
    ...missing(rootReferences, built).map((file) => `tsconfig.json: refers to ${file}, which is no project's build`),
  ];
}

/** Whether others need a project for its modules: one with a command is started, one without exports is read. @param {Project} project */
function isImported({ manifest }) {
  return manifest.exports !== undefined && manifest.bin === undefined;
}

/** @param {Project} project */
function buildOf({ folder }) {
  return `${folder}/tsconfig.build.json`;
}

/** @param {Project['files']} files */
function importedBy(files) {
  return new Set(files.flatMap(({ imports }) => imports.map(({ name }) => packageOf(name))));
}

/** Those of the first list that the second lacks. @param {string[]} wanted @param {string[]} present */
function missing(wanted, present) {
  return wanted.filter((item) => !present.includes(item));
}
