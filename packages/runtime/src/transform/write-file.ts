import fs from 'node:fs';
import path from 'node:path';
import { sideFileName } from '@cairn/ckpt-format/folder';
import { fileLayout, endOf, writePlannedFile } from '@cairn/transform';
import type { PlannedFile, PlannedSource, Workspace } from '@cairn/transform';
import { flushFolder } from './flush.ts';
import { Journal } from './journal.ts';
import type { JournalEntry } from './journal.ts';
import { OpenSources } from './open-sources.ts';
import { PartFile } from './part-file.ts';
import { digestsBeside, transformedSide } from './side-of.ts';
import type { SideBase } from './side-of.ts';
import { wholeEntries } from './whole-entries.ts';

/** One destination file to be written. */
export interface FileOrder {
  readonly file: PlannedFile;
  readonly sources: readonly PlannedSource[];
  readonly destination: string;
  /** Digest of the planned file. */
  readonly id: string;
  readonly side: SideBase;
}

/** What became of it. */
export interface FileResult {
  readonly name: string;
  readonly bytes: number;
  /** Bytes that were there already, of an earlier apply of the same plan. */
  readonly keptBytes: number;
}

export interface WriteFileOptions {
  readonly workspace: Workspace;
  /** Told how many more bytes have been written; what it throws ends the writing. */
  readonly onBytes: (bytes: number) => void;
}

/** A file that is complete. */
export interface WrittenFile {
  readonly result: FileResult;
  /** Settles once it has its name and both are on the medium. */
  readonly published: Promise<void>;
}

/** Written between two lines of the journal, which is what a crash costs at most. */
const JOURNAL_BYTES = 64 * 2 ** 20;
/** Files as MindSpore leaves them: nobody changes them (mindspore-formats §1.8). */
const FILE_MODE = 0o400;
const SIDE_MODE = 0o640;

/**
 * Writes a destination file with its digests beside it. It appears whole or not at all, and only once it is on the
 * medium; what an earlier process wrote of it for the same plan is proven by its digests and gone on with.
 *
 * @returns when all has been written: others may be while this one goes to the medium
 * @throws TransformError `source-changed`, StorageError; `published` rejects with StorageError
 */
export async function writeFile(order: FileOrder, { workspace, onBytes }: WriteFileOptions): Promise<WrittenFile> {
  const { file, destination, id } = order;
  const { name, bytes } = file;
  const target = path.join(destination, name);
  const part = new PartFile(target);
  const journal = new Journal(part.path, id);
  if (await isThere(order, target, workspace)) {
    journal.remove();
    onBytes(bytes);
    return { result: { name, bytes, keptBytes: bytes }, published: flushFolder(path.dirname(target)) };
  }
  const written = journal.read();
  const kept = written.slice(0, await wholeEntries(part.path, file, written, workspace));
  const last = fileLayout(file).entries[kept.length - 1];
  const keptBytes = last === undefined ? 0 : endOf(last);
  const sources = new OpenSources(order.sources);
  try {
    part.begin(keptBytes);
    journal.begin(kept);
    onBytes(keptBytes);
    const entries = await writeEntries(order, { part, journal, sources, workspace, onBytes, kept });
    sources.check();
    return { result: { name, bytes, keptBytes }, published: publish(order, { part, journal, target }, entries) };
  } catch (error) {
    journal.close();
    await part.close();
    throw error;
  } finally {
    sources.close();
  }
}

/** Whether the file is there already, written for this plan, and whole. */
async function isThere({ file, id }: FileOrder, target: string, workspace: Workspace): Promise<boolean> {
  const info = fs.statSync(target, { throwIfNoEntry: false });
  const digests = info?.isFile() === true && info.size === file.bytes ? digestsBeside(target, id) : null;
  if (digests === null) return false;
  const noted = fileLayout(file).entries.map(({ name }) => ({ name, digest: digests.get(name) ?? null }));
  return (await wholeEntries(target, file, noted, workspace)) === noted.length;
}

interface Writing extends WriteFileOptions {
  readonly part: PartFile;
  readonly journal: Journal;
  readonly sources: OpenSources;
  readonly kept: readonly JournalEntry[];
}

async function writeEntries({ file }: FileOrder, writing: Writing): Promise<readonly JournalEntry[]> {
  const { part, journal, sources, workspace, onBytes, kept } = writing;
  const sink = {
    write: async (offset: number, bytes: Uint8Array): Promise<void> => {
      await part.write(offset, bytes);
      onBytes(bytes.length);
    },
  };
  const all: JournalEntry[] = [...kept];
  const pending: (JournalEntry & { readonly end: number })[] = [];
  let noted = part.end;
  for await (const entry of writePlannedFile(file, sources, sink, workspace, { entries: kept.length })) {
    all.push({ name: entry.name, digest: entry.digest });
    pending.push(entry);
    if (part.end - noted < JOURNAL_BYTES) continue;
    // What is still in memory is not in the file.
    const reached = pending.findIndex(({ end }) => end > part.end);
    const batch = pending.splice(0, reached === -1 ? pending.length : reached);
    journal.add(batch.map(({ name, digest }) => ({ name, digest })));
    noted = part.end;
  }
  return all;
}

interface Complete {
  readonly part: PartFile;
  readonly journal: Journal;
  readonly target: string;
}

/** First what proves the file, then the file: where it is, its digests are. */
async function publish(
  { id, side }: FileOrder,
  { part, journal, target }: Complete,
  entries: readonly JournalEntry[],
): Promise<void> {
  const beside = new PartFile(sideFileName(target));
  try {
    await part.flush();
    beside.begin(0);
    await beside.write(0, new TextEncoder().encode(transformedSide(side, id, entries)));
    await beside.flush();
    await beside.publish(SIDE_MODE);
    await part.publish(FILE_MODE);
    journal.remove();
  } finally {
    await beside.close();
    await part.close();
    journal.close();
  }
}
