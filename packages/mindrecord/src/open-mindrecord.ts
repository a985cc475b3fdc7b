import type { Column, Row } from './column.ts';
import type { DataFile, OpenFile } from './data-file.ts';
import { baseName, openDataFile } from './data-file.ts';
import { headerSignature } from './header.ts';
import { MindRecordError } from './mindrecord-error.ts';
import type { RowAddress } from './read-rows.ts';
import { readRows } from './read-rows.ts';

/** MindSpore reads at most this many files as one data set. */
const MAX_FILES = 4096;

/** How the files of a data set are made. */
export interface MindRecordLayout {
  readonly version: '2.0' | '3.0';
  readonly description: string;
  /** Bytes of the header area, and of a page. */
  readonly headerBytes: number;
  readonly pageBytes: number;
  readonly indexFields: readonly string[];
  /** Pages of each file. */
  readonly pages: readonly number[];
  /** Files of the whole set, opened or not. */
  readonly shards: number;
}

/** An open data set: the rows of its files one after another, in file order. */
export interface MindRecord {
  /** In name order. */
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly files: readonly { readonly name: string; readonly rows: number }[];
  readonly layout: MindRecordLayout;
  /**
   * Reads rows by number, in any order, with repetitions if asked for.
   *
   * @param rowNumbers 0-based, over all files
   * @param columns    names of the columns to read, in the order the rows shall have them; all in name order when absent
   * @throws MindRecordError `row-number`, `column-missing`, `truncated`, `row-damaged`
   */
  read(rowNumbers: readonly number[], columns?: readonly string[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/**
 * Opens MindRecord files (2.0 and 3.0) as one data set. Headers and indexes are read, rows are not.
 *
 * @param open  opens one file by name, with code `not-found` when it is not there
 * @param names a list: exactly these files, one may occur twice; a text: this file and all others of its set,
 *              which lie in the same folder
 * @throws MindRecordError `file-missing`, `name-mismatch`, `header-damaged`, `index-damaged`, `truncated`, `version`,
 *         `files-differ` (header, page size and schema must be equal in all), `limit`
 */
export async function openMindRecord(open: OpenFile, names: string | readonly string[]): Promise<MindRecord> {
  const files: DataFile[] = [];
  try {
    if (typeof names === 'string') {
      const file = await openDataFile(open, names);
      files.push(file);
      for (const name of setNames(file)) files.push(await openDataFile(open, name));
    } else {
      checkCount(names.length);
      for (const name of names) files.push(await openDataFile(open, name));
    }
    checkEqual(files);
  } catch (error) {
    await closeAll(files);
    throw error;
  }
  return mindRecordOf(typeof names === 'string' ? inSetOrder(files) : files);
}

/** The names of the other files of a set. They lie beside the first, whatever folder the header may name. */
function setNames({ name, header }: DataFile): readonly string[] {
  const all = header.shardNames.map((shard) => baseName(shard));
  const others = all.filter((shard) => shard !== baseName(name));
  if (others.length === all.length) {
    const message = `the header names ${all.join(', ')} and not this file; give the files their old names`;
    throw new MindRecordError('name-mismatch', message, { file: name });
  }
  checkCount(all.length);
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  return others.map((shard) => folder + shard);
}

function checkCount(files: number): void {
  if (files > 0 && files <= MAX_FILES) return;
  throw new MindRecordError('limit', `${files} files are named; 1 to ${MAX_FILES} are read as one data set`);
}

/** The opened file comes first in `files`, the set lists it where it belongs. */
function inSetOrder(files: readonly DataFile[]): readonly DataFile[] {
  const order = files[0]!.header.shardNames.map((shard) => baseName(shard));
  return [...files].sort((a, b) => order.indexOf(baseName(a.name)) - order.indexOf(baseName(b.name)));
}

function checkEqual(files: readonly DataFile[]): void {
  const first = headerSignature(files[0]!.header);
  const other = files.find((file) => headerSignature(file.header) !== first);
  if (other === undefined) return;
  const message = `schema, header size or page size differ from ${files[0]!.name}; open files of one script together`;
  throw new MindRecordError('files-differ', message, { file: other.name });
}

function mindRecordOf(files: readonly DataFile[]): MindRecord {
  const starts = [0];
  for (const { index } of files) starts.push(starts.at(-1)! + index.rows);
  const { columns } = files[0]!.header;
  return {
    columns,
    rows: starts.at(-1)!,
    files: files.map(({ name, index }) => ({ name, rows: index.rows })),
    layout: layoutOf(files),
    async read(rowNumbers, names) {
      const wanted = names === undefined ? columns : names.map((name) => columnNamed(columns, name));
      return readRows(
        rowNumbers.map((row) => addressOf(files, starts, row)),
        wanted,
      );
    },
    close: () => closeAll(files),
  };
}

function layoutOf(files: readonly DataFile[]): MindRecordLayout {
  const { version, description, headerBytes, pageBytes, indexFields, shardNames } = files[0]!.header;
  const pages = files.map(({ header }) => header.pages.length);
  return { version, description, headerBytes, pageBytes, indexFields, pages, shards: shardNames.length };
}

function columnNamed(columns: readonly Column[], name: string): Column {
  const column = columns.find((column) => column.name === name);
  if (column !== undefined) return column;
  const message = `there is no column ${name}; the columns are ${columns.map(({ name }) => name).join(', ')}`;
  throw new MindRecordError('column-missing', message, { column: name });
}

function addressOf(files: readonly DataFile[], starts: readonly number[], row: number): RowAddress {
  if (!Number.isInteger(row) || row < 0 || row >= starts.at(-1)!) {
    throw new MindRecordError('row-number', `there is no row ${row}; the data set has ${starts.at(-1)} rows`, { row });
  }
  let low = 0;
  for (let high = files.length; high - low > 1;) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= row) low = middle;
    else high = middle;
  }
  // Files without rows begin where the next does: `low` is the last file that begins at or before the row.
  return { file: files[low]!, row: row - starts[low]! };
}

async function closeAll(files: readonly DataFile[]): Promise<void> {
  for (const file of files) await file.source.close();
}
