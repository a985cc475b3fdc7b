import { arrayBytes, joinBlob } from './blob.ts';
import type { ArrayValue, Column } from './column.ts';
import { isBlobColumn, valueShape } from './column.ts';
import { MindRecordError } from './mindrecord-error.ts';
import type { RawValue } from './raw-row.ts';
import { encodeRaw } from './raw-row.ts';
import type { SqlValue } from './sqlite.ts';

/** A row in stored form. */
export interface EncodedRow {
  readonly blob: Uint8Array;
  readonly raw: Uint8Array;
  /** Values of the index fields. */
  readonly indexed: readonly SqlValue[];
  /** Bytes of the integer arrays before packing less those after. */
  readonly savedBytes: number;
}

/** Turns rows into their stored form. */
export type RowEncoder = (row: unknown, number: number) => EncodedRow;

const ARRAYS = { int32: Int32Array, int64: BigInt64Array, float32: Float32Array, float64: Float64Array } as const;

/**
 * An encoder for rows of these columns. It throws MindRecordError `row-invalid` for a row that MindSpore would drop:
 * a column is missing, has another type or shape, or is an empty array or empty bytes. Extra fields are ignored.
 *
 * @param columns     in name order
 * @param indexFields names of scalar columns
 */
export function rowEncoder(columns: readonly Column[], indexFields: readonly string[]): RowEncoder {
  const blobColumns = columns.filter((column) => isBlobColumn(column));
  const rawColumns = columns.filter((column) => !isBlobColumn(column));
  const positions = indexFields.map((name) => rawColumns.findIndex((column) => column.name === name));
  return (row, number) => {
    let savedBytes = 0;
    const parts = blobColumns.map((column) => {
      const value = blobOf(column, field(row, column, number), number);
      if (value instanceof Uint8Array) return value;
      const bytes = arrayBytes(value);
      savedBytes += value.byteLength - bytes.length;
      return bytes;
    });
    const values = rawColumns.map((column) => rawOf(column, field(row, column, number), number));
    const indexed = positions.map((position) => values[position]!);
    return { blob: joinBlob(parts), raw: encodeRaw(rawColumns, values), indexed, savedBytes };
  };
}

function field(row: unknown, column: Column, number: number): unknown {
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, column.name)) {
    throw invalid(`is missing`, column, number);
  }
  return (row as Record<string, unknown>)[column.name]; // An object that has the key.
}

function blobOf(column: Column, value: unknown, number: number): ArrayValue | Uint8Array {
  if (column.type === 'bytes' || column.type === 'string') {
    if (!(value instanceof Uint8Array)) throw invalid(`is ${kind(value)}, not a Uint8Array`, column, number);
    if (value.length === 0) throw invalid('is empty', column, number);
    return value;
  }
  const type = ARRAYS[column.type];
  if (!(value instanceof type)) throw invalid(`is ${kind(value)}, not ${article(type.name)}`, column, number);
  const elements = value.length;
  if (elements === 0) throw invalid('is empty', column, number);
  if (valueShape(column, elements) === undefined) {
    throw invalid(`has ${elements} elements, which do not fit shape ${JSON.stringify(column.shape)}`, column, number);
  }
  return value;
}

function rawOf(column: Column, value: unknown, number: number): RawValue {
  if (column.type === 'string') {
    if (typeof value !== 'string') throw invalid(`is ${kind(value)}, not a string`, column, number);
    return value;
  }
  if (column.type === 'float32' || column.type === 'float64') {
    if (typeof value !== 'number') throw invalid(`is ${kind(value)}, not a number`, column, number);
    return value;
  }
  const whole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  const bits = column.type === 'int32' ? 32 : 64;
  if (!whole || BigInt.asIntN(bits, BigInt(value)) !== BigInt(value)) {
    throw invalid(`is ${whole ? String(value) : kind(value)}, not an integer of ${bits} bits`, column, number);
  }
  return bits === 32 ? Number(value) : BigInt(value);
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? article(value.constructor.name) : `a ${typeof value}`;
}

function article(name: string): string {
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`;
}

function invalid(what: string, column: Column, row: number): MindRecordError {
  const type = column.shape === undefined ? column.type : `${column.type} ${JSON.stringify(column.shape)}`;
  const message = `row ${row}: column ${column.name} (${type}) ${what}; correct the row, or have such rows dropped (invalidRows: 'drop')`;
  return new MindRecordError('row-invalid', message, { row, column: column.name });
}
