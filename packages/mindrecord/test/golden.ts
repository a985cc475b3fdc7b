import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Column, ColumnValue, Row } from '../src/index.ts';
import { valueShape } from '../src/index.ts';
import { MemoryFolder } from './memory-folder.ts';

/** What the real library wrote and read: conformance/golden/mindrecord/README.md. */
export interface GoldenFile {
  readonly spec: {
    readonly name: string;
    readonly schema: Readonly<Record<string, { type: Column['type']; shape?: number[] }>>;
    readonly rows: number;
    readonly append?: number;
    readonly rows_per_call?: number;
    readonly header_size?: number;
    readonly page_size?: number;
    readonly desc?: string;
    readonly index?: string[];
    readonly shards?: number;
  };
  readonly parts: Readonly<Record<string, GoldenPart>>;
}

export interface GoldenPart {
  readonly bytes: number;
  readonly sha256: string;
  readonly mode: string;
  readonly header: string;
  readonly ddl: string[];
  readonly shard_name: string;
  readonly index_columns: string[];
  readonly index: unknown[][];
  readonly rows: Readonly<Record<string, unknown>>[];
}

const folder = new URL('../../../conformance/golden/mindrecord/', import.meta.url);

export function goldenJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

export const golden: readonly GoldenFile[] = Object.values(
  (goldenJson('expected.json') as { files: Record<string, GoldenFile> }).files,
);

function unpacked(name: string): Uint8Array {
  return Uint8Array.from(gunzipSync(readFileSync(new URL(`${name}.gz`, folder))));
}

/** The golden files and their indexes, unpacked. */
export function goldenFolder(names: readonly string[]): MemoryFolder {
  return new MemoryFolder(names.flatMap((name) => [name, `${name}.db`]).map((name) => [name, unpacked(name)]));
}

/** A value as expected.json spells it. */
export function spelled(column: Column, value: ColumnValue): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString('hex') };
  if (typeof value === 'string') return stringSpelled(value);
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return bigintSpelled(value);
  const data = Array.from<number | bigint>(value as Int32Array).map((x) => (typeof x === 'bigint' ? String(x) : x));
  return { dtype: column.type, shape: valueShape(column, value.length), data };
}

/** Long strings are in expected.json as a digest. */
export function stringSpelled(text: string): unknown {
  const chars = Array.from(text).length;
  return chars <= 100 ? text : { chars, utf8_sha256: createHash('sha256').update(text).digest('hex') };
}

export function bigintSpelled(value: bigint): string | number {
  return value > 2n ** 53n || value < -(2n ** 53n) ? String(value) : Number(value);
}

/** The rows of a golden part as the writer takes them; long strings, of which only a digest is stored, from `read`. */
export function rowsToWrite(part: GoldenPart, schema: GoldenFile['spec']['schema'], read: readonly Row[]): Row[] {
  return part.rows.map((row, i) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, valueToWrite(schema[name]!.type, value, read[i]![name]!)]),
    ),
  );
}

function valueToWrite(type: Column['type'], value: unknown, read: ColumnValue): ColumnValue {
  if (typeof value === 'object' && value !== null) {
    const { hex, data } = value as { hex?: string; data?: (number | string)[] };
    if (hex !== undefined) return Uint8Array.from(Buffer.from(hex, 'hex'));
    if (data === undefined) return read;
    if (type === 'int32') return Int32Array.from(data as number[]);
    if (type === 'float32') return Float32Array.from(data as number[]);
    if (type === 'float64') return Float64Array.from(data as number[]);
    return BigInt64Array.from(data.map(BigInt));
  }
  return type === 'int64' ? BigInt(value as number | string) : (value as string | number);
}
