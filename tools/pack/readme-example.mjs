/**
 * @typedef {object} ReadmeExample
 * @property {string} code
 * @property {string[]} [printed]  one entry a call of console.log, where every call has its output beside or below it as a comment
 */

/**
 * The first JavaScript example of a README, and what it says that it prints.
 * @param {string} readme
 * @returns {ReadmeExample | undefined}
 */
export function readmeExample(readme) {
  const code = /^```js\n(.*?)^```/ms.exec(readme)?.[1];
  return code === undefined ? undefined : { code, printed: saidOutput(code.split('\n')) };
}

/** @param {readonly string[]} lines */
function saidOutput(lines) {
  const said = lines.map((line, index) => {
    if (!line.includes('console.log(')) return [];
    const beside = /\); \/\/ (.*)$/.exec(line)?.[1];
    return beside === undefined ? commentsFrom(lines, index + 1) : [beside];
  });
  const calls = lines.filter((line) => line.includes('console.log('));
  const answered = said.filter((output) => output.length > 0);
  return calls.length > 0 && answered.length === calls.length ? said.flat() : undefined;
}

/** The comment lines that begin at an index. @param {readonly string[]} lines @param {number} start */
function commentsFrom(lines, start) {
  const rest = lines.slice(start);
  const end = rest.findIndex((line) => !/^\s*\/\/ /.test(line));
  return rest.slice(0, end === -1 ? rest.length : end).map((line) => line.replace(/^\s*\/\/ /, ''));
}
