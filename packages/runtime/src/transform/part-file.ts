import fs from 'node:fs';
import path from 'node:path';
import type { ByteSink } from '@cairn/bytes';
import { guarded, StorageError } from '@cairn/storage';

/**
 * Written at once. Larger writes take larger pieces of memory for the page cache, which on a virtual machine are often
 * not there yet: four times slower at 1 MiB.
 */
const WRITE_BYTES = 128 * 1024;

/** A file that is being written, hidden beside its target until it is whole. What a crash leaves of it is gone on with. */
export class PartFile implements ByteSink {
  readonly path: string;
  readonly #target: string;
  #descriptor: number | null = null;
  #end = 0;

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
      fs.mkdirSync(path.dirname(this.path), { recursive: true });
      if (keptBytes === 0) fs.rmSync(this.path, { force: true });
      this.#descriptor = fs.openSync(this.path, keptBytes === 0 ? 'wx' : 'r+');
      // A file that was cut to nothing is sent to the medium when it is closed (ext4), which a new one need not be.
      if (keptBytes > 0) fs.ftruncateSync(this.#descriptor, keptBytes);
    });
    this.#end = keptBytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    const descriptor = this.#descriptor;
    if (descriptor === null) throw new RangeError(`${this.path} is not open`);
    guarded(this.#target, () => {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(descriptor, bytes, done, Math.min(WRITE_BYTES, bytes.length - done), offset + done);
      }
    });
    this.#end = offset + bytes.length;
  }

  /**
   * Gives the whole file its name, and then its mode.
   *
   * @throws StorageError when another process has begun the same file meanwhile
   */
  publish(mode: number): void {
    this.#checkOwn();
    this.close();
    guarded(this.#target, () => {
      fs.renameSync(this.path, this.#target);
      fs.chmodSync(this.#target, mode);
    });
  }

  /** Whoever begins a file anew removes the part that is there. */
  #checkOwn(): void {
    const descriptor = this.#descriptor;
    const there = fs.statSync(this.path, { throwIfNoEntry: false });
    if (descriptor !== null && there?.ino === fs.fstatSync(descriptor).ino) return;
    const message = `${this.#target} is being written by another process too: let one of them finish`;
    throw new StorageError('io', message, this.#target);
  }

  close(): void {
    if (this.#descriptor === null) return;
    fs.closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}
