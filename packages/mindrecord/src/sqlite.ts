/** A value of an SQLite column. */
export type SqlValue = number | string | bigint | Uint8Array | null;

/** A prepared statement of sql.js: the calls this package makes. */
export interface SqlStatement {
  step(): boolean;
  /** The current row. */
  get(): SqlValue[];
  /** Binds, executes and resets. A bigint is bound as its digits; a column of type INTEGER stores it exactly. */
  run(values: readonly SqlValue[]): void;
  free(): boolean;
}

/** A database of sql.js, held in memory. */
export interface SqlDatabase {
  run(sql: string, values?: readonly SqlValue[]): unknown;
  exec(sql: string): { values: SqlValue[][] }[];
  prepare(sql: string): SqlStatement;
  /** The bytes of the database file. */
  export(): Uint8Array;
  close(): void;
}

interface SqlJs {
  readonly Database: new (bytes?: Uint8Array) => SqlDatabase;
}

let loading: Promise<SqlJs> | undefined;

/**
 * SQLite compiled to WebAssembly, loaded on first use (about 35 ms under Node 20; its asm.js build takes 150).
 *
 * @param bytes of a database file; a new database when absent
 */
export async function openSqlite(bytes?: Uint8Array): Promise<SqlDatabase> {
  loading ??= load();
  const { Database } = await loading;
  return new Database(bytes);
}

async function load(): Promise<SqlJs> {
  // @ts-expect-error sql.js comes without types; the interfaces above name what is used of it.
  const module = (await import('sql.js')) as { default: () => Promise<SqlJs> };
  return module.default();
}
