import type { ByteSource } from '@cairn/bytes';
import type { Steps } from './steps.ts';
import { fill } from './steps.ts';

/** One page: the heads of a frame fit, and what lies between them is never read. */
const WINDOW_BYTES = 4096;

/** A small window that moves over a source. All offsets are those of the source. */
export class ByteWindow {
  /** Where the source is taken to end. */
  readonly end: number;
  readonly #source: ByteSource;
  readonly #bytes: Uint8Array;
  #from = 0;
  #to = 0;

  constructor(source: ByteSource, end: number) {
    this.#source = source;
    this.end = end;
    this.#bytes = new Uint8Array(Math.min(WINDOW_BYTES, end));
  }

  /** Moves the window so that it holds `length` bytes (no more than a window has, and not past `end`) from `offset` on. */
  *reach(offset: number, length: number): Steps<void> {
    if (offset >= this.#from && offset + length <= this.#to) return;
    const into = this.#bytes.subarray(0, Math.min(WINDOW_BYTES, this.end - offset));
    yield* fill(this.#source, offset, into);
    this.#from = offset;
    this.#to = offset + into.length;
  }

  /** A byte that was reached before. */
  byteAt(offset: number): number {
    return this.#bytes[offset - this.#from]!;
  }

  /** Bytes to be used before the next call: longer ones than a window are read for themselves. `offset + length` is at most `end`. */
  *bytes(offset: number, length: number): Steps<Uint8Array> {
    if (length > WINDOW_BYTES) {
      const into = new Uint8Array(length);
      yield* fill(this.#source, offset, into);
      return into;
    }
    yield* this.reach(offset, length);
    return this.#bytes.subarray(offset - this.#from, offset - this.#from + length);
  }
}
