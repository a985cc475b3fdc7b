import fs from 'node:fs';
import path from 'node:path';
import type { ByteSink } from '@cairn/bytes';
import { guarded, StorageError, storageError } from '@cairn/storage';
import { flushFile, flushFolder, makeFolder } from './flush.ts';

/**
 * Written at once. Larger writes take larger pieces of memory for the page cache, which on a virtual machine are often
 * not there yet: four times slower at 1 MiB.
 */
const WRITE_BYTES = 128 * 1024;
/** Sent to the medium together, while more is written: little is left to wait for at the end. */
const FLUSH_BYTES = 64 * 2 ** 20;

/** A file that is being written, hidden beside its target until it is whole. What a crash leaves of it is gone on with. */
export class PartFile implements ByteSink {
  readonly path: string;
  readonly #target: string;
  #descriptor: number | null = null;
  #end = 0;
  /** Bytes before this one are on the medium, or on their way. */
  #sent = 0;
  /** Never rejects. */
  #sending: Promise<void> | null = null;
  #failure: StorageError | null = null;
  /** Folders with entries that are not known to be on the medium. */
  #changed: readonly string[] = [];

  constructor(target: string) {
    this.#target = target;
    this.path = path.join(path.dirname(target), `.${path.basename(target)}.transform-part`);
  }

  /** Bytes before this one have been written. */
  get end(): number {
    return this.#end;
  }

  /** Opens the part to go on behind its first bytes; what follows them is cut off. */
  begin(keptBytes: number): void {
    guarded(this.path, () => {
      this.#changed = [path.dirname(this.path), ...makeFolder(path.dirname(this.path))];
      if (keptBytes === 0) fs.rmSync(this.path, { force: true });
      this.#descriptor = fs.openSync(this.path, keptBytes === 0 ? 'wx' : 'r+');
      // A file that was cut to nothing is sent to the medium when it is closed (ext4), which a new one need not be.
      if (keptBytes > 0) fs.ftruncateSync(this.#descriptor, keptBytes);
    });
    this.#end = keptBytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    const descriptor = this.#open();
    if (this.#failure !== null) throw this.#failure;
    guarded(this.#target, () => {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(descriptor, bytes, done, Math.min(WRITE_BYTES, bytes.length - done), offset + done);
      }
    });
    this.#end = offset + bytes.length;
    if (this.#sending === null && this.#end - this.#sent >= FLUSH_BYTES) this.#sending = this.#send();
  }

  /**
   * What has been written is on the medium afterwards.
   *
   * @throws StorageError when it could not be brought there
   */
  async flush(): Promise<void> {
    await this.#sending;
    await this.#send();
    if (this.#failure !== null) throw this.#failure;
  }

  async #send(): Promise<void> {
    this.#sent = this.#end;
    try {
      await flushFile(this.#open(), this.#target);
    } catch (error) {
      this.#failure = storageError(error, this.#target);
    }
    this.#sending = null;
  }

  /**
   * Gives the flushed file its name, which is on the medium afterwards, and then its mode.
   *
   * @throws StorageError when another process has begun the same file meanwhile
   */
  async publish(mode: number): Promise<void> {
    const descriptor = this.#open();
    this.#checkOwn(descriptor);
    guarded(this.#target, () => {
      fs.renameSync(this.path, this.#target);
      fs.fchmodSync(descriptor, mode);
    });
    await this.close();
    await Promise.all(this.#changed.map(flushFolder));
  }

  /** Whoever begins a file anew removes the part that is there. */
  #checkOwn(descriptor: number): void {
    const there = fs.statSync(this.path, { throwIfNoEntry: false });
    if (there?.ino === fs.fstatSync(descriptor).ino) return;
    const message = `${this.#target} is being written by another process too: let one of them finish`;
    throw new StorageError('io', message, this.#target);
  }

  #open(): number {
    if (this.#descriptor === null) throw new RangeError(`${this.path} is not open`);
    return this.#descriptor;
  }

  /** Closes the part, once nothing of it is on its way. One that the medium did not take is of no use any more. */
  async close(): Promise<void> {
    await this.#sending;
    if (this.#descriptor === null) return;
    fs.closeSync(this.#descriptor);
    this.#descriptor = null;
    // The page cache may still hold what the medium has lost, and tells of it only once.
    if (this.#failure !== null) guarded(this.path, () => fs.rmSync(this.path, { force: true }));
  }
}
