import type { Column, Row, Schema } from './column.ts';
import { isBlobColumn } from './column.ts';
import { baseName } from './data-file.ts';
import { HEADER_BYTES, PAGE_BYTES } from './header.ts';
import { MindRecordError } from './mindrecord-error.ts';
import { columnsOf } from './schema.ts';

/** MindSpore writes at most this many files at once. */
const MAX_SHARDS = 1000;
/** Blobs of all shards together wait in about this much memory. */
const BUFFER_BYTES = { all: 8 * 2 ** 20, min: 2 ** 14, max: 2 ** 20 };

/** What to write and how. */
export interface WriteOptions {
  readonly schema: Schema;
  /** Rows; a list of rows is one call of MindSpore's `write_raw_data`, a single row a call of its own. */
  readonly rows: Iterable<Row | readonly Row[]> | AsyncIterable<Row | readonly Row[]>;
  /** Number of files, 1 when absent. Several get their number appended, with as many digits as the last needs. */
  readonly shards?: number;
  readonly headerBytes?: number;
  readonly pageBytes?: number;
  /** Scalar columns that become index fields, in this order; all of them in name order when absent. */
  readonly indexFields?: readonly string[];
  readonly description?: string;
  /** What happens to rows that do not fit the schema: an error (default), or they are left out as MindSpore does. */
  readonly invalidRows?: 'error' | 'drop';
  /** Replace files of the same names; an error when absent. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
}

/** A checked request to write. */
export interface WritePlan {
  /** Names of the data files. */
  readonly files: readonly string[];
  readonly columns: readonly Column[];
  readonly indexColumns: readonly Column[];
  readonly headerBytes: number;
  readonly pageBytes: number;
  readonly bufferBytes: number;
  readonly description: string;
}

/**
 * Checks what is to be written.
 *
 * @throws MindRecordError `name`, `schema`, `size`
 */
export function writePlan(name: string, options: WriteOptions): WritePlan {
  const shards = options.shards ?? 1;
  const headerBytes = options.headerBytes ?? HEADER_BYTES.default;
  const pageBytes = options.pageBytes ?? PAGE_BYTES.default;
  if (!/^[^\\/:*?"<>|`&;']+$/.test(baseName(name))) {
    throw new MindRecordError(
      'name',
      `the file name '${baseName(name)}' is empty or has one of \\ / : * ? " < > | \` & ; '`,
    );
  }
  if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS) {
    throw new MindRecordError('size', `${shards} shards; 1 to ${MAX_SHARDS} can be written`);
  }
  checkSize('headerBytes', headerBytes, HEADER_BYTES);
  checkSize('pageBytes', pageBytes, PAGE_BYTES);
  const columns = columnsOf(options.schema, (message, column) => new MindRecordError('schema', message, { column }));
  const digits = String(shards - 1).length;
  const files =
    shards === 1 ? [name] : Array.from({ length: shards }, (_, i) => name + String(i).padStart(digits, '0'));
  const bufferBytes = Math.min(BUFFER_BYTES.max, Math.max(BUFFER_BYTES.min, BUFFER_BYTES.all / shards));
  const indexColumns = indexColumnsOf(columns, options.indexFields);
  return { files, columns, indexColumns, headerBytes, pageBytes, bufferBytes, description: options.description ?? '' };
}

function checkSize(what: string, bytes: number, range: { readonly min: number; readonly max: number }): void {
  if (Number.isInteger(bytes) && bytes >= range.min && bytes <= range.max && bytes % 4 === 0) return;
  throw new MindRecordError('size', `${what} is ${bytes}; a multiple of 4 from ${range.min} to ${range.max} is needed`);
}

function indexColumnsOf(columns: readonly Column[], names: readonly string[] | undefined): readonly Column[] {
  const fields = names?.map((name) => indexColumn(columns, name)) ?? columns.filter((column) => !isBlobColumn(column));
  const taken = new Set(['inc']);
  for (const { name } of fields) {
    // In the index, field NAME is column NAME_0 beside INC_0, and SQLite does not tell cases apart.
    const key = name.toLowerCase();
    if (taken.has(key)) throw indexError(name, 'occurs twice (in any case), or is INC; name others, or rename it');
    taken.add(key);
  }
  return fields;
}

function indexColumn(columns: readonly Column[], name: string): Column {
  const column = columns.find((column) => column.name === name);
  if (column === undefined) throw indexError(name, 'is not in the schema; name scalar columns');
  if (isBlobColumn(column)) throw indexError(name, 'is no scalar; name scalar columns');
  return column;
}

function indexError(column: string, why: string): MindRecordError {
  return new MindRecordError('schema', `index field ${column} ${why}`, { column });
}
