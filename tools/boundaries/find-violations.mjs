import { noIdleDependency, referencesMatch, rootBuildsAll } from './dependency-rules.mjs';
import { noEscape, onlyDeclared, onlyExported, pureSource, pureTypes } from './import-rules.mjs';
import { configStandsAlone, layerTags, noCycles, noImportUp } from './layer-rules.mjs';

/** Who may know whom, then what an import may name, then what package.json and tsconfig say of it. */
const RULES = [layerTags, noImportUp, configStandsAlone, noCycles]
  .concat([onlyDeclared, onlyExported, noEscape, pureSource, pureTypes])
  .concat([noIdleDependency, referencesMatch, rootBuildsAll]);

/**
 * What is wrong with who knows whom, one message each, beginning with the file.
 * @param {import('../workspace/read-workspace.mjs').Workspace} workspace
 * @returns {string[]}
 */
export function findViolations(workspace) {
  return [...new Set(RULES.flatMap((rule) => rule(workspace)))];
}
