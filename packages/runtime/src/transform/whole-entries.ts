import fs from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { ByteSource } from '@cairn/bytes';
import { readBytes } from '@cairn/bytes';
import type { EntryLayout } from '@cairn/ckpt-format';
import { openFile } from '@cairn/storage';
import { digestSlice, fileLayout, isTransformError } from '@cairn/transform';
import type { PlannedFile, PlannedTensor, Workspace } from '@cairn/transform';
import type { JournalEntry } from './journal.ts';

/**
 * How many entries from the begin of a file are what they should be: headers by their bytes, contents by the digests
 * that were noted when they were written.
 */
export async function wholeEntries(
  path: string,
  file: PlannedFile,
  written: readonly JournalEntry[],
  workspace: Workspace,
): Promise<number> {
  if (written.length === 0 || !fs.existsSync(path)) return 0;
  const layout = fileLayout(file);
  const planned = new Map(file.entries.map((entry) => [entry.name, entry]));
  const source = openFile(path);
  try {
    if (!(await hasBytes(source, 0, layout.head))) return 0;
    for (const [i, place] of layout.entries.entries()) {
      const noted = written[i];
      // Reading answers at once: without this nothing else happens in the process meanwhile.
      await setImmediate();
      const entry = planned.get(place.name)!;
      if (noted?.name !== place.name || !(await hasHeaders(source, place))) return i;
      if (entry.kind === 'tensor' && (await digestOf(source, entry, place, workspace)) !== noted.digest?.digest) {
        return i;
      }
    }
    return layout.entries.length;
  } finally {
    await source.close();
  }
}

async function hasHeaders(source: ByteSource, { parts }: EntryLayout): Promise<boolean> {
  for (const { header, headerOffset } of parts) {
    if (!(await hasBytes(source, headerOffset, header))) return false;
  }
  return true;
}

async function hasBytes(source: ByteSource, offset: number, wanted: Uint8Array): Promise<boolean> {
  if (offset + wanted.length > source.size) return false;
  const bytes = await readBytes(source, offset, wanted.length);
  return bytes.every((byte, i) => byte === wanted[i]);
}

/** The digest of a tensor where it lies in a destination file; null when the file ends before. */
async function digestOf(
  source: ByteSource,
  { dtype, full, box }: PlannedTensor,
  { parts }: EntryLayout,
  workspace: Workspace,
): Promise<string | null> {
  const chunks = parts.map(({ offset, bytes }) => ({ offset, bytes }));
  try {
    return await digestSlice(source, { source: 0, box, chunks, storedAs: dtype }, dtype, full, workspace);
  } catch (error) {
    if (isTransformError(error) && error.code === 'source-changed') return null;
    throw error;
  }
}
