import type { OpenSource } from '@cairn/bytes';
import { readBytes } from '@cairn/bytes';
import type { Header } from './header.ts';
import { MindRecordError } from './mindrecord-error.ts';
import { readHeader } from './read-header.ts';
import type { RowIndex } from './row-index.ts';
import { MAX_INDEX_BYTES, readRowIndex } from './row-index.ts';

/** Opens a file by name. A file that is not there is an error with code `not-found`, as of `Folder.open`. */
export type OpenFile = (name: string) => Promise<OpenSource>;

/** One data file: its header and index in memory, its rows behind `source`. */
export interface DataFile {
  /** As it was opened, with its folder. */
  readonly name: string;
  readonly source: OpenSource;
  readonly header: Header;
  readonly index: RowIndex;
}

/**
 * Opens a data file and reads its header and its index `NAME.db`.
 *
 * @throws MindRecordError as of `readHeader` and `readRowIndex`; `file-missing`, `limit`
 */
export async function openDataFile(open: OpenFile, name: string): Promise<DataFile> {
  const source = await opened(open, name, 'the data file is not there; copy it here or correct the name');
  try {
    const header = await readHeader(source, name);
    checkLength(header, source.size, name);
    const index = await openIndex(open, name, header);
    return { name, source, header, index };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** A file that ends before its last page does was copied in part, also when the rows that are asked for are there. */
function checkLength({ headerBytes, pageBytes, pages }: Header, bytes: number, file: string): void {
  const end = pages.reduce((last, { id, usedBytes }) => Math.max(last, headerBytes + id * pageBytes + usedBytes), 0);
  if (end <= bytes) return;
  const message = `the file ends at byte ${bytes}, its pages at byte ${end}; copy or write it again`;
  throw new MindRecordError('truncated', message, { file, byte: bytes });
}

async function openIndex(open: OpenFile, name: string, header: Header): Promise<RowIndex> {
  const file = `${name}.db`;
  const source = await opened(open, file, 'the index is not there; it belongs to the data file, copy both');
  try {
    if (source.size > MAX_INDEX_BYTES) {
      throw new MindRecordError('limit', `an index of ${source.size} bytes; at most ${MAX_INDEX_BYTES} are read`, {
        file,
      });
    }
    const bytes = await readBytes(source, 0, source.size);
    return await readRowIndex(bytes, baseName(name), header, file);
  } finally {
    await source.close();
  }
}

/** The part of a name behind its folder. */
export function baseName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

async function opened(open: OpenFile, file: string, message: string): Promise<OpenSource> {
  try {
    return await open(file);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MindRecordError('file-missing', message, { file }, error);
  }
}

/** Whether an error of a host says that there is no such file. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-found';
}
