import fs from 'node:fs';
import type { OpenSource } from '@cairn/bytes';
import { guarded, StorageError } from './storage-error.ts';

/** Without it, opening a named pipe waits for a writer; a file is opened the same with it. Windows has none. */
const AT_ONCE = fs.constants.O_NONBLOCK ?? 0;

/**
 * A file open for reading. Reads are synchronous: a small read takes a few microseconds, a promise costs more.
 *
 * @throws StorageError `not-found`, `no-access`, or `io` when it is no file
 */
export function openFile(path: string): OpenSource {
  const descriptor = guarded(path, () => fs.openSync(path, fs.constants.O_RDONLY | AT_ONCE));
  try {
    const info = guarded(path, () => fs.fstatSync(descriptor));
    if (info.isFile()) return new OpenFile(path, descriptor, info.size);
  } catch (error) {
    fs.closeSync(descriptor);
    throw error;
  }
  fs.closeSync(descriptor);
  throw new StorageError('io', `${path}: is no file`, path);
}

class OpenFile implements OpenSource {
  readonly size: number;
  readonly #path: string;
  #descriptor: number | null;

  constructor(path: string, descriptor: number, size: number) {
    this.size = size;
    this.#path = path;
    this.#descriptor = descriptor;
  }

  read(offset: number, into: Uint8Array): number {
    const descriptor = this.#descriptor;
    // The number of a closed descriptor may by now be that of another file.
    if (descriptor === null) throw new RangeError(`${this.#path} is closed`);
    return guarded(this.#path, () => readFully(descriptor, into, offset));
  }

  close(): void {
    if (this.#descriptor === null) return;
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    fs.closeSync(descriptor);
  }
}

/** The kernel may give less than was asked for; only the end of the file ends the loop. */
function readFully(descriptor: number, into: Uint8Array, offset: number): number {
  let done = 0;
  while (done < into.length) {
    const read = fs.readSync(descriptor, into, done, into.length - done, offset + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}
