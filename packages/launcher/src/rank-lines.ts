import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { lineSplitter } from '@cairn/events';

/** The lines of what a process writes, kept until they are asked for. */
export interface RankLines {
  readonly lines: AsyncIterable<string>;
  /** From now on nothing is held back: the process has ended, so what is left is at most what its pipe holds. */
  hurry(): void;
}

/**
 * Reads UTF-8 lines from the beginning, whenever they are asked for. While the process lives it has to wait when its
 * lines are not taken; when nobody wants them any more, they are thrown away. What stands behind the last newline is
 * not a line: the process died while writing it.
 */
export function rankLines(input: Readable): RankLines {
  const split = lineSplitter();
  const lines = new Transform({
    readableObjectMode: true,
    decodeStrings: false,
    transform(piece: string, _encoding, done) {
      for (const line of split(piece)) this.push(line);
      done();
    },
  });
  let hurried = false;
  input.setEncoding('utf8').on('data', (piece: string) => {
    if (lines.destroyed || lines.write(piece) || hurried) return;
    input.pause();
    lines.once('drain', () => input.resume());
  });
  input.once('close', () => lines.end());
  input.on('error', () => {
    // The end of the process says what happened.
  });
  lines.once('close', () => input.resume());
  const hurry = (): void => {
    hurried = true;
    input.resume();
  };
  return { lines, hurry };
}
