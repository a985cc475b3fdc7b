import fs from 'node:fs';
import { storageError } from '@cairn/storage';
import type { StorageError } from '@cairn/storage';
import { flushFile, isUnsupported } from './flush.ts';

/** Past the page cache: what has to be on the medium anyway is not copied into memory first. Not every system has it. */
const DIRECT = fs.constants.O_DIRECT ?? 0;
/** Place, length and address of what goes past the page cache are multiples of this. */
const DIRECT_BYTES = 4096;
/**
 * Written at once into the page cache. Larger writes take larger pieces of memory, which on a virtual machine are often
 * not there yet: four times slower at 1 MiB.
 */
const CACHED_BYTES = 128 * 1024;
/** Sent from the page cache to the medium together, while more is written: little is left to wait for at the end. */
const FLUSH_BYTES = 64 * 2 ** 20;

/** A file that is written to the medium: in other threads, so that this one may read meanwhile. */
export class MediumFile {
  readonly #file: string;
  readonly #descriptor: number;
  /** Null where the file system has nothing past the page cache. */
  #direct: number | null;
  /** Bytes in the page cache that were not sent yet. */
  #cached = 0;
  /** Never rejects. */
  #sending: Promise<void> | null = null;
  #failure: StorageError | null = null;

  /**
   * Opens a file to be written.
   *
   * @param flags as of fs.open
   * @param file  its path, for errors
   */
  constructor(path: string, flags: 'wx' | 'r+', file: string) {
    this.#file = file;
    this.#descriptor = fs.openSync(path, flags);
    this.#direct = openDirect(path);
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  /** Whether the medium did not take what the page cache had: it may still hold it, and tells of it only once. */
  get hasLost(): boolean {
    return this.#failure !== null;
  }

  /** Other ranges may be written meanwhile. @throws StorageError, also of what was sent from the page cache before */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    for (let done = 0; done < bytes.length;) done += await this.#writePart(bytes.subarray(done), offset + done);
    if (this.#sending === null && this.#cached >= FLUSH_BYTES) this.#sending = this.#send();
  }

  /** @returns how many bytes were written */
  async #writePart(bytes: Uint8Array, offset: number): Promise<number> {
    const length = bytes.length - (bytes.length % DIRECT_BYTES);
    if (this.#direct !== null && offset % DIRECT_BYTES === 0 && length > 0) {
      const written = await this.#writeDirect(this.#direct, bytes.subarray(0, length), offset);
      if (written > 0) return written;
    }
    const written = await write(this.#descriptor, bytes.subarray(0, CACHED_BYTES), offset).catch((error: unknown) => {
      throw storageError(error, this.#file);
    });
    this.#cached += written;
    return written;
  }

  /** @returns how many bytes were written; 0 when the file system takes them another way only */
  async #writeDirect(descriptor: number, bytes: Uint8Array, offset: number): Promise<number> {
    return write(descriptor, bytes, offset).catch((error: unknown) => {
      const failure = storageError(error, this.#file);
      if (!isUnsupported(failure.cause)) throw failure;
      return 0;
    });
  }

  /** What has been written is on the medium afterwards. @throws StorageError when it could not be brought there */
  async flush(): Promise<void> {
    await this.#sending;
    await this.#send();
    if (this.#failure !== null) throw this.#failure;
  }

  async #send(): Promise<void> {
    this.#cached = 0;
    try {
      await flushFile(this.#descriptor, this.#file);
    } catch (error) {
      this.#failure = storageError(error, this.#file);
    }
    this.#sending = null;
  }

  /** Closes the file, once nothing of it is on its way from the page cache; no write may be. */
  async close(): Promise<void> {
    await this.#sending;
    fs.closeSync(this.#descriptor);
    if (this.#direct !== null) fs.closeSync(this.#direct);
    this.#direct = null;
  }
}

/** Null whatever the reason is: everything can be written the other way. */
function openDirect(path: string): number | null {
  try {
    return DIRECT === 0 ? null : fs.openSync(path, fs.constants.O_WRONLY | DIRECT);
  } catch {
    return null;
  }
}

/** @returns how many bytes were written, which may be fewer */
async function write(descriptor: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(descriptor, bytes, 0, bytes.length, offset, (error, written) =>
      error === null ? resolve(written) : reject(error),
    );
  });
}
