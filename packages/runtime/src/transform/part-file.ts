import fs from 'node:fs';
import path from 'node:path';
import type { ByteSink } from '@cairn/bytes';
import { guarded, StorageError } from '@cairn/storage';
import { flushFolder, makeFolder } from './flush.ts';
import { MediumFile } from './medium-file.ts';

/** A file that is being written, hidden beside its target until it is whole. What a crash leaves of it is gone on with. */
export class PartFile implements ByteSink {
  readonly path: string;
  readonly #target: string;
  #medium: MediumFile | null = null;
  #end = 0;
  /** When everything that was given to be written so far has been. */
  #written: Promise<unknown> = Promise.resolve();
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
      this.#medium = new MediumFile(this.path, keptBytes === 0 ? 'wx' : 'r+', this.#target);
      // A file that was cut to nothing is sent to the medium when it is closed (ext4), which a new one need not be.
      if (keptBytes > 0) fs.ftruncateSync(this.#medium.descriptor, keptBytes);
    });
    this.#end = keptBytes;
  }

  /** Writes in other threads, several ranges at once. @throws StorageError, also that of a range before */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const written = Promise.all([this.#written, this.#open().write(offset, bytes)]);
    this.#written = written;
    await written;
    this.#end = offset + bytes.length;
  }

  /**
   * What has been written is on the medium afterwards.
   *
   * @throws StorageError when it could not be brought there
   */
  async flush(): Promise<void> {
    await this.#open().flush();
  }

  /**
   * Gives the flushed file its name, which is on the medium afterwards, and then its mode.
   *
   * @throws StorageError when another process has begun the same file meanwhile
   */
  async publish(mode: number): Promise<void> {
    const { descriptor } = this.#open();
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

  #open(): MediumFile {
    if (this.#medium === null) throw new RangeError(`${this.path} is not open`);
    return this.#medium;
  }

  /** Closes the part; no write may be on its way. One that the medium did not take is of no use any more. */
  async close(): Promise<void> {
    const medium = this.#medium;
    if (medium === null) return;
    this.#medium = null;
    await medium.close();
    if (medium.hasLost) guarded(this.path, () => fs.rmSync(this.path, { force: true }));
  }
}
