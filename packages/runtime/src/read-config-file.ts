import fs from 'node:fs';
import path from 'node:path';
import type { ConfigInput } from '@cairn/config';
import { RunError } from './run-error.ts';

/**
 * A configuration file with all that parsing it needs.
 *
 * @param registerPath folder in which a bare file name is looked up when it is not here (ruling 35)
 * @throws RunError exit 2 when it cannot be read
 */
export async function readConfigFile(name: string, registerPath: string | null = null): Promise<ConfigInput> {
  const registered = registerPath === null ? name : path.join(registerPath, name);
  const file = fs.existsSync(name) || !fs.existsSync(registered) ? name : registered;
  return { name: file, text: await readConfigText(file), env: process.env, readText: readConfigText };
}

/** More than any configuration has, so that a path to something else is not read into memory. */
const MAX_FILE_BYTES = 2 ** 20;

/**
 * The text of a configuration file: the `readText` port of the file system.
 *
 * @throws RunError `config-missing`, exit 2, when it cannot be read, or is nothing that could be a configuration
 */
export async function readConfigText(file: string): Promise<string> {
  const unusable = (why: string, cause?: unknown): RunError =>
    new RunError('config-missing', 2, `${file} ${why}`, { file }, { cause });
  try {
    const stat = await fs.promises.stat(file);
    if (!stat.isFile()) throw unusable('is not a file: give the path of a YAML file');
    if (stat.size > MAX_FILE_BYTES) throw unusable(`has ${stat.size} bytes: a configuration has at most 1 MiB`);
    return await fs.promises.readFile(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    const missing = error.code === 'ENOENT';
    throw unusable(
      missing ? 'does not exist: give the path of a YAML file' : `cannot be read: ${error.message}`,
      error,
    );
  }
}
