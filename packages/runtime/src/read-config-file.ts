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
  return { name: file, text: await readText(file), env: process.env, readText };
}

async function readText(file: string): Promise<string> {
  try {
    return await fs.promises.readFile(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'does not exist' : String(cause);
    throw new RunError('config-missing', 2, `${file} ${why}: give the path of a YAML file`, { file }, { cause });
  }
}
