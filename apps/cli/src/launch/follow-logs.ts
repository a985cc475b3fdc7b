import fs from 'node:fs';
import { lineSplitter } from '@cairn/events';

/** Milliseconds between two looks. */
const LOOK_MS = 200;
const PIECE_BYTES = 64 * 1024;

/**
 * Says each line that is written to some log files, from now on.
 *
 * @returns stops it, after what is there
 */
export function followLogs(files: readonly string[], say: (line: string) => void): { stop(): void } {
  const readers = files.map((file) => newLines(file));
  const look = (): void => readers.forEach((read) => read().forEach(say));
  const timer = setInterval(look, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
    },
  };
}

/** Gives the lines that a file got since it was last asked. */
function newLines(file: string): () => string[] {
  const split = lineSplitter();
  const decoder = new TextDecoder();
  const piece = new Uint8Array(PIECE_BYTES);
  let at = fs.statSync(file).size;
  return () => {
    const descriptor = fs.openSync(file, 'r');
    try {
      const lines: string[] = [];
      for (let read = 1; read > 0; at += read) {
        read = fs.readSync(descriptor, piece, 0, piece.length, at);
        lines.push(...split(decoder.decode(piece.subarray(0, read), { stream: true })));
      }
      return lines;
    } finally {
      fs.closeSync(descriptor);
    }
  };
}
