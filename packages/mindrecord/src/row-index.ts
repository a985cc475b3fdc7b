import { LENGTH_BYTES } from './header.ts';
import type { Header, Page } from './header.ts';
import { MindRecordError } from './mindrecord-error.ts';
import type { SqlDatabase, SqlValue } from './sqlite.ts';
import { openSqlite } from './sqlite.ts';

/** Where the rows of one data file lie: element r of each array belongs to row r; offsets count from the page's begin. */
export interface RowIndex {
  readonly rows: number;
  readonly blobPage: Int32Array;
  /** Position of the length in front of the blob. */
  readonly blobStart: Int32Array;
  readonly blobEnd: Int32Array;
  readonly rawPage: Int32Array;
  readonly rawStart: Int32Array;
  readonly rawEnd: Int32Array;
}

/** An index file is held in memory while it is read; this is some 25 million rows. */
export const MAX_INDEX_BYTES: number = 2 ** 30;
/** The least an INDEXES row takes in the file; bounds what is allocated by what is there. */
const MIN_ROW_BYTES = 8;

const SELECT = `SELECT ROW_GROUP_ID, PAGE_OFFSET_BLOB, PAGE_OFFSET_BLOB_END, PAGE_ID_RAW, PAGE_OFFSET_RAW,
  PAGE_OFFSET_RAW_END FROM INDEXES ORDER BY ROW_ID`;

/**
 * Reads an index file (docs/formats/mindrecord.md, "Index") and checks each row against the pages of the header.
 *
 * @param bytes  of the .db file
 * @param name   name of the data file, without folder: the index must be of this file
 * @param header of the data file
 * @param file   name of the .db file, for errors
 * @throws MindRecordError `index-damaged`, `name-mismatch`
 */
export async function readRowIndex(bytes: Uint8Array, name: string, header: Header, file: string): Promise<RowIndex> {
  const database = await openSqlite(bytes);
  try {
    // A damaged or hostile file is not trusted: cells are checked, and its schema runs nothing.
    database.run('PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF');
    checkName(database, name, file);
    return selectRows(database, header, bytes.length, file);
  } catch (error) {
    if (error instanceof MindRecordError) throw error;
    throw damaged(`SQLite says: ${error instanceof Error ? error.message : String(error)}`, file, error);
  } finally {
    close(database);
  }
}

function checkName(database: SqlDatabase, name: string, file: string): void {
  const tables = database.exec(
    "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('INDEXES', 'SHARD_NAME')",
  );
  if (tables[0]?.values[0]?.[0] !== 2) throw damaged('the tables INDEXES and SHARD_NAME are missing', file);
  const named = database.exec('SELECT NAME FROM SHARD_NAME LIMIT 1')[0]?.values[0]?.[0];
  if (named === name) return;
  const message = `is the index of ${String(named)}, not of ${name}; give both files their old names (the name is part of the index)`;
  throw new MindRecordError('name-mismatch', message, { file });
}

function selectRows(database: SqlDatabase, header: Header, bytes: number, file: string): RowIndex {
  const rows = header.pages.reduce((end, page) => Math.max(end, page.endRow), 0);
  if (rows > bytes / MIN_ROW_BYTES) throw damaged(`${bytes} bytes cannot hold the header's ${rows} rows`, file);
  const column = (): Int32Array => new Int32Array(rows);
  const index: RowIndex = {
    rows,
    blobPage: column(),
    blobStart: column(),
    blobEnd: column(),
    rawPage: column(),
    rawStart: column(),
    rawEnd: column(),
  };
  const blobPages = new Map(
    header.pages.filter((page) => page.type === 'BLOB_DATA').map((page) => [page.typeId, page]),
  );
  const rawPages = new Map(header.pages.filter((page) => page.type === 'RAW_DATA').map((page) => [page.id, page]));
  const statement = database.prepare(SELECT);
  let row = 0;
  for (; statement.step(); row++) {
    if (row === rows) throw damaged(`more rows than the header's ${rows}`, file, undefined, row);
    const [group, blobStart, blobEnd, rawPage, rawStart, rawEnd] = statement.get();
    const blob = within(blobPages.get(Number(group)), blobStart, blobEnd, row, file);
    const raw = within(rawPages.get(Number(rawPage)), rawStart, rawEnd, row, file);
    index.blobPage[row] = blob.id;
    index.blobStart[row] = Number(blobStart);
    index.blobEnd[row] = Number(blobEnd);
    index.rawPage[row] = raw.id;
    index.rawStart[row] = Number(rawStart);
    index.rawEnd[row] = Number(rawEnd);
  }
  if (row < rows) throw damaged(`${row} rows, the header tells of ${rows}`, file);
  return index;
}

/** The page, when it is there and [start, end) lies in its used part and holds at least a length. */
function within(
  page: Page | undefined,
  start: SqlValue | undefined,
  end: SqlValue | undefined,
  row: number,
  file: string,
): Page {
  const fits =
    Number.isSafeInteger(start) &&
    Number.isSafeInteger(end) &&
    Number(start) >= 0 &&
    Number(start) + LENGTH_BYTES <= Number(end) &&
    page !== undefined &&
    Number(end) <= page.usedBytes;
  if (fits) return page;
  const where =
    page === undefined ? 'a page that the header does not have' : `page ${page.id} of ${page.usedBytes} bytes`;
  throw damaged(`row ${row} should lie at ${String(start)} to ${String(end)} of ${where}`, file, undefined, row);
}

function close(database: SqlDatabase): void {
  try {
    database.close();
  } catch {
    // A damaged database may fail to close as well; its memory is sql.js's and is reused.
  }
}

function damaged(message: string, file: string, cause?: unknown, row?: number): MindRecordError {
  return new MindRecordError('index-damaged', `the index is damaged: ${message}`, { file, row }, cause);
}
