import type { ByteSink } from '@cairn/bytes';
import { LENGTH_BYTES } from './header.ts';

const FIRST_BYTES = 2 ** 12;

/** Gathers records (a length and bytes) that go one after another into a sink, and writes them in pieces. */
export class AppendBuffer {
  readonly #sink: ByteSink;
  readonly #limit: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #used = 0;
  /** Where in the sink the buffer begins. */
  #offset = 0;

  /** @param limit in bytes; the buffer is written when it would grow over it */
  constructor(sink: ByteSink, limit: number) {
    this.#sink = sink;
    this.#limit = limit;
  }

  /** Writes what is gathered; what follows goes to another place. */
  async moveTo(offset: number): Promise<void> {
    await this.flush();
    this.#offset = offset;
  }

  /** Writes what is gathered, and keeps it as the begin of what follows at another place. */
  async copyTo(offset: number): Promise<void> {
    await this.#write();
    this.#offset = offset;
  }

  /** Adds a record: its length in 8 bytes, little-endian, and its bytes. */
  async append(record: Uint8Array): Promise<void> {
    if (this.#used + LENGTH_BYTES + record.length > this.#limit) await this.flush();
    this.#grow(this.#used + LENGTH_BYTES + record.length);
    new DataView(this.#bytes.buffer).setBigUint64(this.#used, BigInt(record.length), true);
    this.#bytes.set(record, this.#used + LENGTH_BYTES);
    this.#used += LENGTH_BYTES + record.length;
  }

  /** Writes what is gathered and goes on behind it. */
  async flush(): Promise<void> {
    await this.#write();
    this.#offset += this.#used;
    this.#used = 0;
  }

  async #write(): Promise<void> {
    // A copy: a sink may keep what it is given, the buffer is used again.
    if (this.#used > 0) await this.#sink.write(this.#offset, this.#bytes.slice(0, this.#used));
  }

  #grow(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}
