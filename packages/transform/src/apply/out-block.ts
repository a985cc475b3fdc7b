import type { ByteSink } from '@cairn/bytes';
import type { Workspace } from './workspace.ts';

/**
 * The end of a file that is being written: bytes are put together in memory and written a block at a time, while the next
 * are put together. What is written ends where blocks of the file do: pages that are written in parts cost a fifth more.
 * The rest of an element that does not end there is carried over to the next block.
 */
export class OutBlock {
  readonly #sink: ByteSink;
  readonly #workspace: Workspace;
  /** Which block is put together. */
  #turn = 0;
  /** Address of it. */
  #at: number;
  /** What became of each block when it was sent last. */
  readonly #sent: Promise<void>[];
  /** Where in the file the block begins. */
  #offset: number;
  #used = 0;
  /** Bytes of it that are written this time. */
  #limit: number;

  constructor(sink: ByteSink, workspace: Workspace, offset: number) {
    this.#sink = sink;
    this.#workspace = workspace;
    this.#at = workspace.outAt[0]!;
    this.#sent = workspace.outAt.map(async () => undefined);
    this.#offset = offset;
    this.#limit = limitFrom(offset, workspace.blockBytes);
  }

  /** Elements that are taken into the block before it is written; the last of them may reach into the next. */
  fitting(width: number): number {
    return Math.ceil((this.#limit - this.#used) / width);
  }

  /** Takes room for bytes that the caller puts there. @returns their address in the workspace's memory */
  take(bytes: number): number {
    const at = this.#at + this.#used;
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

  /** Sends the block to the sink and begins the next one, once that has been written the last time. */
  async next(): Promise<void> {
    const { outAt, blockBytes } = this.#workspace;
    const bytes = Math.min(this.#used, this.#limit);
    const sent = Promise.resolve(this.#sink.write(this.#offset, this.#bytesAt(this.#at, bytes)));
    // Whoever waits for it is told; until then nobody may be waiting.
    sent.catch(() => undefined);
    this.#sent[this.#turn] = sent;
    this.#turn = (this.#turn + 1) % outAt.length;
    await this.#sent[this.#turn];
    const rest = this.#bytesAt(this.#at + bytes, this.#used - bytes);
    this.#at = outAt[this.#turn]!;
    this.#bytesAt(this.#at, rest.length).set(rest);
    this.#offset += bytes;
    this.#used = rest.length;
    this.#limit = limitFrom(this.#offset, blockBytes);
  }

  /** Sends what there is; the sink has all of it afterwards. */
  async flush(): Promise<void> {
    while (this.#used > 0) await this.next();
    await Promise.all(this.#sent);
  }

  /** Nothing is on its way to the sink afterwards, whatever became of it. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#sent);
  }

  #bytesAt(at: number, bytes: number): Uint8Array {
    return new Uint8Array(this.#workspace.memory.buffer, at, bytes);
  }
}

/** Bytes to the next end of a block of the file. */
function limitFrom(offset: number, blockBytes: number): number {
  return blockBytes - (offset % blockBytes);
}
