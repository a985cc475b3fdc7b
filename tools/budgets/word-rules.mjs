import ts from 'typescript';

/** @typedef {import('./measure-files.mjs').MeasuredFile} MeasuredFile */

const EMPTY_NAME = /(?:^|\/)(?:utils?|helpers?|common|misc|shared)(?:\.[^/]*)?(?=\/|$)/;

/** Marks that say a thing is not done, or that a check is switched off. Each pattern is written so that it does not find itself. */
const MARKS = [
  { pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/, advice: 'do it, or write down elsewhere what is left' },
  { pattern: /\bnot (?:yet )?imple[m]ented\b/, advice: 'build it, or do not offer it' },
  { pattern: /\b(?:it|test|describe)\.(?:sk[i]p|on[l]y|to[d]o)\(/, advice: 'every test runs, or it goes' },
  { pattern: /@ts-(?:ig[n]ore|noch[e]ck)/, advice: 'let the compiler see it' },
  { pattern: /\b(?:es|ox)lint-dis[a]ble/, advice: 'follow the rule, or change it for everyone' },
];

/** Names that do not say what is in a file. @param {readonly MeasuredFile[]} files */
export function emptyNames(files) {
  return files
    .filter(({ path }) => EMPTY_NAME.test(path))
    .map(({ path }) => `${path}: a name that says nothing; name the file after what it exports`);
}

/** @param {readonly MeasuredFile[]} files */
export function marks(files) {
  return files.filter(isOurs).flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) =>
      MARKS.flatMap(({ pattern, advice }) => {
        const found = pattern.exec(line)?.[0];
        return found === undefined ? [] : [`${path}:${index + 1}: "${found}": ${advice}`];
      }),
    ),
  );
}

/** The type that switches types off. @param {readonly MeasuredFile[]} files */
export function untyped(files) {
  return files
    .filter((file) => isOurs(file) && file.path.endsWith('.ts'))
    .flatMap(({ path, text }) => {
      const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023);
      /** @type {string[]} */
      const found = [];
      const visit = (/** @type {ts.Node} */ node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) {
          const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
          found.push(`${path}:${line + 1}: the type "any": name the type, or unknown and narrow it`);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
      return found;
    });
}

/** Kernels are AssemblyScript, whose decorators TypeScript refuses. @param {MeasuredFile} file */
function isOurs({ path, kind }) {
  return kind !== 'generated' && !/^packages\/[^/]+\/kernels\//.test(path);
}
