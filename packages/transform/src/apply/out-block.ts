import type { ByteSink } from '@cairn/bytes';
import type { Workspace } from './workspace.ts';

/**
 * The end of a file that is being written: bytes are put together in one block of memory while the one before is being
 * written. What is written ends where blocks of the file do: pages that are written in parts cost a fifth more. The rest
 * of an element that does not end there is carried over to the next block.
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

  /** Elements that are taken into the block before it is written; the last of them may reach into the next. */
  fitting(width: number): number {
    return Math.ceil((this.#limit - this.#used) / width);
  }

  /** Takes room for bytes that the caller puts there. @returns their address in the workspace's memory */
  take(bytes: number): number {
    const at = this.#workspace.outAt[this.#current] + this.#used;
    this.#used += bytes;
    return at;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      if (this.fitting(1) === 0) await this.next();
      const part = bytes.subarray(done, done + this.fitting(1));
      this.#bytesAt(this.take(part.length), part.length).set(part);
      done += part.length;
    }
  }

  /** Sends the block to the sink and goes on with the other one, once that has been written. */
  async next(): Promise<void> {
    await this.settled();
    const at = this.#workspace.outAt[this.#current];
    const bytes = Math.min(this.#used, this.#limit);
    if (bytes === 0) return;
    const written = this.#sink.write(this.#offset, this.#bytesAt(at, bytes));
    if (written !== undefined) {
      this.#writing = written;
      // It is waited for later; until then a failure must not count as one that nobody cares for.
      written.catch(() => undefined);
      this.#current = this.#current === 0 ? 1 : 0;
    }
    const over = this.#used - bytes;
    this.#bytesAt(this.#workspace.outAt[this.#current], over).set(this.#bytesAt(at + bytes, over));
    this.#offset += bytes;
    this.#used = over;
    this.#limit = limitFrom(this.#offset, this.#workspace.blockBytes);
  }

  /** Sends what there is, and waits until everything has been written. */
  async flush(): Promise<void> {
    // The second time for what was carried over.
    await this.next();
    await this.next();
    await this.settled();
  }

  /** Waits for what is on its way; its memory may be used again afterwards. */
  async settled(): Promise<void> {
    const writing = this.#writing;
    this.#writing = null;
    if (writing !== null) await writing;
  }

  #bytesAt(at: number, bytes: number): Uint8Array {
    return new Uint8Array(this.#workspace.memory.buffer, at, bytes);
  }
}

/** Bytes to the next end of a block of the file. */
function limitFrom(offset: number, blockBytes: number): number {
  return blockBytes - (offset % blockBytes);
}
