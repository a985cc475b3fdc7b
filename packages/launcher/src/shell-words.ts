import { LaunchError } from './launch-error.ts';

/** A quoted part, an escaped character, white space, or a run of anything else. */
const PART = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|(\s+)|([^\s'"\\]+)/y;

/**
 * The words of a command as a shell would split it: quotes, escapes, and lines that go on behind a backslash. Nothing is
 * expanded.
 *
 * @throws LaunchError when a quote is not closed
 */
export function shellWords(command: string): readonly string[] {
  const words: string[] = [];
  let word: string | null = null;
  PART.lastIndex = 0;
  while (PART.lastIndex < command.length) {
    const at = PART.lastIndex;
    const part = PART.exec(command);
    if (part === null) {
      const message = `the command ${command} is not closed from ${command.slice(at, at + 20)} on: check its quotes`;
      throw new LaunchError('usage', message, command);
    }
    const [, single, double, escaped, space, plain] = part;
    if (space !== undefined) {
      if (word !== null) words.push(word);
      word = null;
    } else if (escaped !== '\n') {
      word = (word ?? '') + (single ?? unescaped(double) ?? escaped ?? plain ?? '');
    }
  }
  return word === null ? words : [...words, word];
}

/** Between double quotes a backslash is itself, but before these. */
function unescaped(quoted: string | undefined): string | undefined {
  return quoted?.replaceAll(/\\([$`"\\])|\\\n/g, '$1');
}
