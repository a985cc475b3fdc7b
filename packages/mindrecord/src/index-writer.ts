import type { Column } from './column.ts';
import type { SqlDatabase, SqlStatement, SqlValue } from './sqlite.ts';
import { openSqlite } from './sqlite.ts';

/** One row of INDEXES, in the order of its first columns. */
export type IndexRow = readonly [
  row: number,
  rawPage: number,
  rawStart: number,
  rawEnd: number,
  group: number,
  blobPage: number,
  blobStart: number,
  blobEnd: number,
];

/** The CREATE TABLE statements as MindSpore's writer spells them. */
const INDEXES =
  'CREATE TABLE INDEXES(  ROW_ID               INT  NOT NULL, PAGE_ID_RAW          INT  NOT NULL,' +
  ' PAGE_OFFSET_RAW      INT  NOT NULL, PAGE_OFFSET_RAW_END  INT  NOT NULL, ROW_GROUP_ID         INT  NOT NULL,' +
  ' PAGE_ID_BLOB         INT  NOT NULL, PAGE_OFFSET_BLOB     INT  NOT NULL, PAGE_OFFSET_BLOB_END INT  NOT NULL';
const SHARD_NAME = 'CREATE TABLE SHARD_NAME(NAME TEXT NOT NULL)';

const SQL_TYPES = { string: 'TEXT', int32: 'INTEGER', int64: 'INTEGER', float32: 'REAL', float64: 'REAL', bytes: '' };

/** Builds the index of one data file in memory: some 45 bytes a row, and the index fields. */
export class IndexWriter {
  readonly #database: SqlDatabase;
  readonly #insert: SqlStatement;

  private constructor(database: SqlDatabase, insert: SqlStatement) {
    this.#database = database;
    this.#insert = insert;
  }

  /**
   * @param name   of the data file, without folder
   * @param fields columns that become index fields, in their order
   */
  static async create(name: string, fields: readonly Column[]): Promise<IndexWriter> {
    const database = await openSqlite();
    const columns = fields.map(({ name, type }, k) => `,INC_${k} INT, ${sqlName(name)} ${SQL_TYPES[type]}`).join('');
    const keys = fields.map((_, k) => `,INC_${k}`).join('');
    database.run(`${INDEXES}${columns}, PRIMARY KEY(ROW_ID${keys}))`);
    database.run(SHARD_NAME);
    database.run('INSERT INTO SHARD_NAME (NAME) VALUES (?)', [name]);
    database.run('BEGIN');
    const values = Array.from({ length: 8 + 2 * fields.length }, () => '?').join();
    return new IndexWriter(database, database.prepare(`INSERT INTO INDEXES VALUES (${values})`));
  }

  /** Adds a row; each index field is preceded by its INC column, always 0. */
  add(row: IndexRow, indexed: readonly SqlValue[]): void {
    this.#insert.run([...row, ...indexed.flatMap((value) => [0, value])]);
  }

  /** The raw rows from `firstRow` on have moved to the begin of a page; they stood at `oldStart` before. */
  moveRaw(firstRow: number, page: number, oldStart: number): void {
    this.#database.run(
      `UPDATE INDEXES SET PAGE_ID_RAW = ?, PAGE_OFFSET_RAW = PAGE_OFFSET_RAW - ?,
       PAGE_OFFSET_RAW_END = PAGE_OFFSET_RAW_END - ? WHERE ROW_ID >= ?`,
      [page, oldStart, oldStart, firstRow],
    );
  }

  /** The bytes of the .db file; the writer is closed. */
  finish(): Uint8Array {
    this.#database.run('COMMIT');
    const bytes = this.#database.export();
    this.close();
    return bytes;
  }

  close(): void {
    this.#database.close();
  }
}

/** MindSpore does not quote and cannot write an index field that begins with a digit. */
function sqlName(field: string): string {
  return /^\d/.test(field) ? `"${field}_0"` : `${field}_0`;
}
