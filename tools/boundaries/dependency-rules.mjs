import { packageOf } from '../workspace/read-imports.mjs';

/**
 * @typedef {import('../workspace/read-workspace.mjs').Workspace} Workspace
 * @typedef {Workspace['projects'][number]} Project
 */

/** A workspace package that package.json lists is imported, by published code or by tests as the list says. @param {Workspace} workspace */
export function noIdleDependency({ projects }) {
  const programs = new Set(projects.flatMap(({ name, manifest }) => (manifest.bin === undefined ? [] : [name])));
  const known = new Set(projects.map(({ name }) => name));
  return projects.flatMap(({ folder, manifest, files }) => {
    const used = importedBy(files.filter(({ published }) => published));
    const usedByTests = importedBy(files.filter(({ published }) => !published));
    // A package with a program may be needed for its command alone, which tests start without importing anything.
    const wanted = (/** @type {string} */ name) => known.has(name) && !programs.has(name);
    const idle = Object.keys(manifest.dependencies ?? {}).filter((name) => wanted(name) && !used.has(name));
    const idleInTests = Object.keys(manifest.devDependencies ?? {}).filter(
      (name) => wanted(name) && !usedByTests.has(name),
    );
    return [
      ...idle.map((name) => `${folder}/package.json: dependencies list ${name}, which no published file imports`),
      ...idleInTests.map((name) => `${folder}/package.json: devDependencies list ${name}, which no test imports`),
    ];
  });
}

/** What a package depends on is what its build refers to, and the other way round. @param {Workspace} workspace */
export function referencesMatch({ projects }) {
  const folders = new Map(projects.map(({ name, folder }) => [name, folder]));
  return projects.flatMap(({ folder, manifest, build }) => {
    if (build === undefined) return [];
    const needed = Object.keys(manifest.dependencies ?? {}).flatMap((name) => {
      const of = folders.get(name);
      return of === undefined ? [] : [`${of}/tsconfig.build.json`];
    });
    return [
      ...missing(needed, build.references).map(
        (file) => `${folder}/tsconfig.build.json: no reference to ${file}, a dependency in package.json`,
      ),
      ...missing(build.references, needed).map(
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

/** @param {Project['files']} files */
function importedBy(files) {
  return new Set(files.flatMap(({ imports }) => imports.map(({ name }) => packageOf(name))));
}

/** Those of the first list that the second lacks. @param {string[]} wanted @param {string[]} present */
function missing(wanted, present) {
  return wanted.filter((item) => !present.includes(item));
}
