import fs from 'node:fs';
import path from 'node:path';
import { storageError } from '@cairn/storage';

/**
 * What has been written to a file is on the medium afterwards. Waited for in another thread: this one may write more
 * meanwhile.
 *
 * @param file its path, for errors
 * @throws StorageError
 */
export async function flushFile(descriptor: number, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.fsync(descriptor, (error) => (error === null ? resolve() : reject(storageError(error, file))));
  });
}

/** What has been named in a folder is on the medium afterwards. @throws StorageError */
export async function flushFolder(folder: string): Promise<void> {
  let descriptor: number | null = null;
  try {
    descriptor = fs.openSync(folder, 'r');
    await flushFile(descriptor, folder);
  } catch (error) {
    const failure = storageError(error, folder);
    // Where a folder cannot be flushed, its entries are as durable as they get.
    if (!isUnsupported(failure.cause)) throw failure;
  } finally {
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}

/** Whether a file system does not have what it was asked for. */
export function isUnsupported(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'EINVAL' || cause.code === 'ENOTSUP');
}

/** Makes a folder and those above it. @returns the folders in which something was made */
export function makeFolder(folder: string): readonly string[] {
  const first = fs.mkdirSync(folder, { recursive: true });
  if (first === undefined) return [];
  const top = path.dirname(path.resolve(first));
  const changed = [path.dirname(path.resolve(folder))];
  while (changed.at(-1) !== top) changed.push(path.dirname(changed.at(-1)!));
  return changed;
}
