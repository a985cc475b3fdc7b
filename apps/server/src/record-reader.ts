import fs from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { lineSplitter } from '@cairn/events';

/** Where the events of a run are: in a file that other runs write to before and after it. */
export interface RecordPlace {
  readonly runId: string;
  readonly file: string;
  /** Size of the file when the run was started. */
  readonly offsetBytes: number;
}

/** Read at a time, so that a record of any size is read in bounded memory. */
const PIECE_BYTES = 64 * 1024;

/** Reads a file that grows, each whole line once. A line that is still being written is kept for the next time. */
export class RecordReader {
  readonly #file: string;
  #position: number;
  #handle: fs.FileHandle | null = null;
  readonly #text = new StringDecoder('utf8');
  readonly #split = lineSplitter();

  constructor({ file, offsetBytes }: RecordPlace) {
    this.#file = file;
    this.#position = offsetBytes;
  }

  /** The lines that became whole since the last call, in pieces; none as long as there is no file. */
  async *newLines(): AsyncGenerator<readonly string[]> {
    this.#handle ??= await openIfThere(this.#file);
    if (this.#handle === null) return;
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await this.#handle.read(piece, 0, PIECE_BYTES, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      yield this.#split(this.#text.write(piece.subarray(0, bytesRead)));
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

async function openIfThere(file: string): Promise<fs.FileHandle | null> {
  try {
    return await fs.open(file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
