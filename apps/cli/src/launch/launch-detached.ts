import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MsrunOptions } from '@cairn/launcher';
import type { Output } from '../output.ts';

/** Set in the environment of a launch that goes on by itself. */
export const DETACHED = 'CAIRN_LAUNCH_DETACHED';

const PROGRAM = fileURLToPath(new URL('../../bin/cairn.js', import.meta.url));

/**
 * Has the launch go on in a process of its own, as msrun without `--join` does (ruling 36), and says where its logs are.
 *
 * @returns the exit code
 */
export function launchDetached(argv: readonly string[], { logFolder }: MsrunOptions, output: Output): number {
  const folder = path.resolve(logFolder);
  fs.mkdirSync(folder, { recursive: true, mode: 0o750 });
  const log = fs.openSync(path.join(folder, 'launch.log'), 'w', 0o640);
  const child = spawn(process.execPath, [PROGRAM, 'launch', ...argv], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, [DETACHED]: '1' },
  });
  child.unref();
  fs.closeSync(log);
  const { pid = null } = child;
  output.data(
    output.json ? JSON.stringify({ pid, logFolder: folder }) : `launched by process ${pid}, logs in ${folder}`,
  );
  return pid === null ? 1 : 0;
}
