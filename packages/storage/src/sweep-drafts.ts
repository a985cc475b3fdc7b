import fs from 'node:fs';
import path from 'node:path';
import { filesBelow, statOf } from './files-below.ts';
import { draftWriter, HOST } from './local-draft.ts';
import { guarded, hasErrno } from './storage-error.ts';

/** A draft of another host that nobody has written to for this long is given up: whether its writer lives cannot be seen from here. */
const ABANDONED_MS = 24 * 3600 * 1000;
/** How far the clock of a file system may be behind this host's. */
const CLOCK_SLACK_MS = 60_000;

/**
 * Removes drafts whose writer is gone: what a crash left of saves that never happened. Drafts of other hosts that share
 * the folder are removed when they were not written to for a day.
 *
 * @returns their paths
 * @throws StorageError when a folder cannot be read or a draft not be removed
 */
export function sweepDrafts(root: string): readonly string[] {
  const stale = filesBelow(root).filter(({ full }) => isStale(full));
  for (const { full } of stale) guarded(full, () => fs.rmSync(full, { force: true }));
  return stale.map(({ full }) => full);
}

function isStale(full: string): boolean {
  const writer = draftWriter(path.basename(full));
  const info = writer && statOf(full);
  if (!writer || !info?.isFile()) return false;
  if (writer.host !== HOST) return info.mtimeMs < Date.now() - ABANDONED_MS;
  // Another process had this one's number before: common in containers, where numbers begin anew.
  if (writer.pid === process.pid) return info.mtimeMs < Date.now() - process.uptime() * 1000 - CLOCK_SLACK_MS;
  return !isAlive(writer.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return hasErrno(error, 'EPERM');
  }
}
