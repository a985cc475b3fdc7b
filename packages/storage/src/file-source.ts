import fs from 'node:fs';
import type { OpenSource } from '@cairn/bytes';
import { guarded } from './storage-error.ts';

/**
 * A file open for reading. Reads are synchronous: a small read takes a few microseconds, a promise costs more.
 *
 * @throws StorageError `not-found` or `no-access`
 */
export function openFile(path: string): OpenSource {
  const descriptor = guarded(path, () => fs.openSync(path, 'r'));
  const { size } = guarded(path, () => fs.fstatSync(descriptor));
  return {
    size,
    read: (offset, into) => guarded(path, () => readFully(descriptor, into, offset)),
    close: () => fs.closeSync(descriptor),
  };
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
