import ts from 'typescript';

/**
 * One import, re-export or dynamic import with a literal name.
 * @typedef {object} Import
 * @property {string} name  what stands between the quotes
 * @property {number} line  1-based
 */

/**
 * Everything a source text imports, types included; `/// <reference types="x" />` counts as an import of "x".
 * @param {string} text
 * @returns {Import[]}
 */
export function readImports(text) {
  const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(text, true, true);
  return [...importedFiles, ...typeReferenceDirectives].map(({ fileName, pos }) => ({
    name: fileName,
    line: text.slice(0, pos).split('\n').length,
  }));
}

/**
 * The package of an import: "@cairn/events/rx" → "@cairn/events", "rxjs/operators" → "rxjs".
 * @param {string} name
 */
export function packageOf(name) {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}
