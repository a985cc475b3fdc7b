import type { ByteSink } from '@cairn/bytes';
import type { Workspace } from './workspace.ts';

/** The end of a file that is being written: bytes are put together in memory and written a block at a time. */
export class OutBlock {
  readonly #sink: ByteSink;
  readonly #at: number;
  readonly #bytes: Uint8Array;
  /** Where in the file the block begins. */
  #offset: number;
  #used = 0;

  constructor(sink: ByteSink, { memory, outAt, blockBytes }: Workspace, offset: number) {
    this.#sink = sink;
    this.#at = outAt;
    this.#bytes = new Uint8Array(memory.buffer, outAt, blockBytes);
    this.#offset = offset;
  }

  /** Bytes that still fit. */
  get room(): number {
    return this.#bytes.length - this.#used;
  }

  /** Takes room for bytes that the caller puts there. @returns their address in the workspace's memory */
  take(bytes: number): number {
    const at = this.#at + this.#used;
    this.#used += bytes;
    return at;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this.room === 0) await this.flush();
      const part = bytes.subarray(done, done + this.room);
      this.#bytes.set(part, this.#used);
      this.#used += part.length;
      done += part.length;
    }
  }

  async flush(): Promise<void> {
    if (this.#used === 0) return;
    const written = this.#sink.write(this.#offset, this.#bytes.subarray(0, this.#used));
    if (written !== undefined) await written;
    this.#offset += this.#used;
    this.#used = 0;
  }
}
