import type { ByteSink } from '@cairn/bytes';
import type { Workspace } from './workspace.ts';

/**
 * The end of a file that is being written: bytes are put together in one block of memory while the one before is being
 * written. Blocks end where pages do: pages that are written in parts cost a fifth more.
 */
export class OutBlock {
  readonly #sink: ByteSink;
  readonly #workspace: Workspace;
  /** The block that is being filled. */
  #current: 0 | 1 = 0;
  /** Where in the file it begins. */
  #offset: number;
  #used = 0;
  /** Bytes of it that are used this time. */
  #limit: number;
  /** The other block, on its way to the sink. */
  #writing: Promise<void> | null = null;

  constructor(sink: ByteSink, workspace: Workspace, offset: number) {
    this.#sink = sink;
    this.#workspace = workspace;
    this.#offset = offset;
    this.#limit = limitFrom(offset, workspace.blockBytes);
  }

  /** Bytes that still fit. */
  get room(): number {
    return this.#limit - this.#used;
  }

  /** Takes room for bytes that the caller puts there. @returns their address in the workspace's memory */
  take(bytes: number): number {
    const at = this.#workspace.outAt[this.#current] + this.#used;
    this.#used += bytes;
    return at;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this.room === 0) await this.next();
      const part = bytes.subarray(done, done + this.room);
      new Uint8Array(this.#workspace.memory.buffer, this.take(part.length), part.length).set(part);
      done += part.length;
    }
  }

  /** Sends the block to the sink and goes on with the other one, once that has been written. */
  async next(): Promise<void> {
    await this.settled();
    if (this.#used === 0) return;
    const at = this.#workspace.outAt[this.#current];
    const written = this.#sink.write(this.#offset, new Uint8Array(this.#workspace.memory.buffer, at, this.#used));
    if (written !== undefined) {
      this.#writing = written;
      // It is waited for later; until then a failure must not count as one that nobody cares for.
      written.catch(() => undefined);
      this.#current = this.#current === 0 ? 1 : 0;
    }
    this.#offset += this.#used;
    this.#used = 0;
    this.#limit = limitFrom(this.#offset, this.#workspace.blockBytes);
  }

  /** Sends what there is, and waits until everything has been written. */
  async flush(): Promise<void> {
    await this.next();
    await this.settled();
  }

  /** Waits for what is on its way; its memory may be used again afterwards. */
  async settled(): Promise<void> {
    const writing = this.#writing;
    this.#writing = null;
    if (writing !== null) await writing;
  }
}

const PAGE_BYTES = 4096;

/** Bytes to the next end of a block; where that is near, to the last end of a page that still fits. */
function limitFrom(offset: number, blockBytes: number): number {
  const left = blockBytes - (offset % blockBytes);
  return left < PAGE_BYTES ? left + blockBytes - PAGE_BYTES : left;
}
