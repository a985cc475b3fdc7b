import { documentedExports } from './documented-exports.mjs';
import { isCommand, medianLines, thickCommands, tooLong, tooLongInTheMiddle } from './size-rules.mjs';
import { emptyNames, marks, untyped } from './word-rules.mjs';

/**
 * @typedef {import('./measure-files.mjs').MeasuredFile} MeasuredFile
 * @typedef {import('../workspace/read-projects.mjs').Project} Project
 */

const DOCUMENTED_LAYERS = ['contract', 'format', 'domain'];

/**
 * What is over a limit, one message each, and the numbers behind.
 * @param {readonly MeasuredFile[]} files
 * @param {readonly Project[]} projects
 * @returns {{ excesses: string[], numbers: [string, string | number][] }}
 */
export function findExcesses(files, projects) {
  const exported = exportsOf(files, projects);
  const bare = exported.filter(({ documented }) => !documented);
  const ofKind = (/** @type {MeasuredFile['kind']} */ kind) => files.filter((file) => file.kind === kind);
  const commands = files.filter(isCommand);
  const rules = [tooLongInTheMiddle, tooLong, thickCommands, emptyNames, marks, untyped];
  return {
    excesses: [
      ...rules.flatMap((rule) => rule(files)),
      ...bare.map(
        ({ file, line, name }) =>
          `${file}:${line}: ${name} has no doc comment: what, shapes, units, what it throws, where the fact comes from`,
      ),
    ],
    numbers: [
      [
        'source files',
        `${ofKind('source').length}, median ${medianLines(ofKind('source'))} lines, longest ${longest(ofKind('source'))}`,
      ],
      ['tests', `${ofKind('test').length}, median ${medianLines(ofKind('test'))}, longest ${longest(ofKind('test'))}`],
      ['tools', `${ofKind('tool').length}, median ${medianLines(ofKind('tool'))}, longest ${longest(ofKind('tool'))}`],
      ['commands and routes', `${commands.length}, longest ${longest(commands)}`],
      ['generated files', ofKind('generated').length],
      ['documented exports', `${exported.length - bare.length} of ${exported.length}`],
    ],
  };
}

/** Exports of the packages in which everything is documented. @param {readonly MeasuredFile[]} files @param {readonly Project[]} projects */
function exportsOf(files, projects) {
  const folders = projects
    .filter(({ layers }) => layers.some((layer) => DOCUMENTED_LAYERS.includes(layer)))
    .map(({ folder }) => `${folder}/`);
  return files
    .filter(
      ({ path, kind }) =>
        kind === 'source' && path.endsWith('.ts') && folders.some((folder) => path.startsWith(folder)),
    )
    .flatMap(({ path, text }) => documentedExports(path, text).map((found) => ({ file: path, ...found })));
}

/** @param {readonly MeasuredFile[]} files */
function longest(files) {
  return Math.max(0, ...files.map(({ lines }) => lines));
}
