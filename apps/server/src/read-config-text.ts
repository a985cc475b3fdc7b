import fs from 'node:fs/promises';
import { HttpError } from './http-error.ts';

/** More than any configuration has, so that a path to something else is not read into memory. */
const MAX_FILE_BYTES = 2 ** 20;

/** @throws HttpError 422 when the file cannot be read, or is none that could be a configuration */
export async function readConfigText(file: string): Promise<string> {
  const unusable = (why: string): HttpError => new HttpError(422, 'config-missing', `${file} ${why}`);
  try {
    const stat = await fs.stat(file);
    if (!stat.isFile()) throw unusable('is not a file: give the path of a YAML file');
    if (stat.size > MAX_FILE_BYTES) throw unusable(`has ${stat.size} bytes: a configuration has at most 1 MiB`);
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error;
    if (error.code === 'ENOENT') throw unusable('does not exist: give the path of a YAML file');
    throw unusable(`cannot be read: ${error.message}`);
  }
}
