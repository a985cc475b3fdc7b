import fs from 'node:fs';
import path from 'node:path';
import { guarded } from '@cairn/storage';
import { RunError } from './run-error.ts';

const LOCK_FILE = '.cairn.lock';

/**
 * Takes the output folder for one run; two runs would write into each other's checkpoints. A lock whose process is gone
 * is taken over.
 *
 * @returns what gives it back
 * @throws RunError `folder-in-use` naming the process that has it, StorageError when the folder cannot be written
 */
export function lockOutput(folder: string): () => void {
  const lock = path.join(folder, LOCK_FILE);
  const holder = guarded(folder, () => takeLock(folder, lock));
  if (holder === null) return () => fs.rmSync(lock, { force: true });
  throw new RunError(
    'folder-in-use',
    2,
    `${folder} is in use by the run of process ${holder}: wait for it, or set another output_dir`,
    { file: folder },
  );
}

/** @returns the living process that has the lock; null when it is now this one's */
function takeLock(folder: string, lock: string): number | null {
  fs.mkdirSync(folder, { recursive: true });
  const own = `${lock}.${process.pid}`;
  // A link appears with its content, so nobody ever reads a lock without its process.
  fs.writeFileSync(own, String(process.pid));
  try {
    while (!isLinked(own, lock)) {
      const holder = holderOf(lock);
      if (holder !== null && isAlive(holder)) return holder;
      dropStale(lock, own);
    }
    return null;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

function isLinked(own: string, lock: string): boolean {
  try {
    fs.linkSync(own, lock);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The process a lock names; null when there is no lock. */
function holderOf(lock: string): number | null {
  try {
    return Number(fs.readFileSync(lock, 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Moves a lock aside; if it is not the stale one any more but another's new one, it is put back. */
function dropStale(lock: string, own: string): void {
  const aside = `${own}.stale`;
  try {
    fs.renameSync(lock, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const holder = holderOf(aside);
  if (holder !== null && isAlive(holder)) isLinked(aside, lock);
  fs.rmSync(aside, { force: true });
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}
