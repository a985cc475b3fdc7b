import fs from 'node:fs';
import path from 'node:path';
import { RunError } from './run-error.ts';

const LOCK_FILE = '.cairn.lock';

/**
 * Takes the output folder for one run; two runs would write into each other's checkpoints. A lock whose process is gone
 * is taken over.
 *
 * @returns what gives it back
 * @throws RunError `folder-in-use` naming the process that has it
 */
export function lockOutput(folder: string): () => void {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, LOCK_FILE);
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const holder = Number(fs.readFileSync(file, 'utf8'));
      if (holder > 0 && isAlive(holder)) {
        throw new RunError(
          'folder-in-use',
          2,
          `${folder} is in use by the run of process ${holder}: wait for it, or set another output_dir`,
          { file: folder },
        );
      }
      fs.rmSync(file, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
