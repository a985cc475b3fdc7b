/** Element types of MindRecord columns (qwen-llama-data §5.5). */
export type ColumnType = 'int32' | 'int64' | 'float32' | 'float64' | 'string' | 'bytes';

/** One column of a data set. */
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Of an array column: its sizes, at most one of them -1 (any). Without shape: a scalar, a string, bytes. */
  readonly shape?: readonly number[];
}

/** The columns of a data set by name, as given to the writer. */
export type Schema = Readonly<Record<string, Omit<Column, 'name'>>>;

/** The elements of an array column in C order; {@link valueShape} tells their shape. */
export type ArrayValue = Int32Array | BigInt64Array | Float32Array | Float64Array;

/** An array column gives the typed array of its type, int64 without shape a bigint, bytes a Uint8Array. */
export type ColumnValue = ArrayValue | Uint8Array | string | number | bigint;

/** One row: a value a column. */
export type Row = Readonly<Record<string, ColumnValue>>;

/** Blob columns lie in BLOB pages as bytes, all others in RAW pages as MessagePack. */
export function isBlobColumn(column: Column): boolean {
  return column.shape !== undefined || column.type === 'bytes';
}

/**
 * The shape of one value of an array column, its -1 filled in; `[]` of a column without shape.
 *
 * @returns undefined when a value of that many elements does not fit the shape
 */
export function valueShape(column: Column, elements: number): readonly number[] | undefined {
  const { shape } = column;
  if (shape === undefined) return [];
  const known = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  if (!shape.includes(-1)) return known === elements ? shape : undefined;
  return elements % known === 0 ? shape.map((size) => (size === -1 ? elements / known : size)) : undefined;
}
