import type { ByteSink } from '@cairn/bytes';
import { crc32 } from '@cairn/bytes';

/** Small pieces are gathered to writes of this size: fastest on a disk (compute-and-io §2.1). */
const BLOCK_BYTES = 1_048_576;

/** Writes bytes one after another into a sink, from its beginning, in ascending order. */
export class AppendWriter {
  readonly #sink: ByteSink;
  readonly #withCrc: boolean;
  /** Gathered and not yet written; made when the first small piece comes. */
  #block: Uint8Array | undefined;
  #gathered = 0;
  #written = 0;
  #crc = 0;

  constructor(sink: ByteSink, withCrc = false) {
    this.#sink = sink;
    this.#withCrc = withCrc;
  }

  /** Bytes appended so far. */
  get bytes(): number {
    return this.#written + this.#gathered;
  }

  /** CRC-32 of everything appended so far; 0 when it is not kept. */
  get crc(): number {
    return this.#crc;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#withCrc) this.#crc = crc32(bytes, this.#crc);
    if (this.#gathered + bytes.length > BLOCK_BYTES) await this.flush();
    if (bytes.length >= BLOCK_BYTES) {
      await this.#sink.write(this.#written, bytes);
      this.#written += bytes.length;
      return;
    }
    this.#block ??= new Uint8Array(BLOCK_BYTES);
    this.#block.set(bytes, this.#gathered);
    this.#gathered += bytes.length;
  }

  async flush(): Promise<void> {
    if (this.#block === undefined || this.#gathered === 0) return;
    await this.#sink.write(this.#written, this.#block.subarray(0, this.#gathered));
    this.#written += this.#gathered;
    this.#gathered = 0;
    // A sink may still hold on to what it was given.
    this.#block = undefined;
  }
}
