import { blobValue, splitBlob } from './blob.ts';
import type { Column, ColumnValue, Row } from './column.ts';
import { isBlobColumn } from './column.ts';
import type { DataFile } from './data-file.ts';
import { LENGTH_BYTES, pageOffset } from './header.ts';
import { MindRecordError } from './mindrecord-error.ts';
import { decodeRaw, rawValue } from './raw-row.ts';

/** Rows are read in pieces of about this size: one allocation and few reads a piece. */
const CHUNK_BYTES = 4 * 2 ** 20;

/** A row of a file: numbers count within the file. */
export interface RowAddress {
  readonly file: DataFile;
  readonly row: number;
}

/** The bytes of one row in a BLOB or RAW page, its length field included, and where they go in a chunk. */
interface Extent extends RowAddress {
  readonly offset: number;
  readonly bytes: number;
  readonly at: number;
}

/**
 * Reads columns of rows, in the given order; rows that lie one after another are read at once.
 *
 * @throws MindRecordError `truncated`, `row-damaged`, with file, row and byte
 */
export async function readRows(addresses: readonly RowAddress[], columns: readonly Column[]): Promise<readonly Row[]> {
  const withBlob = columns.some((column) => isBlobColumn(column));
  const withRaw = columns.some((column) => !isBlobColumn(column));
  if (columns.length === 0) return addresses.map(() => ({}));
  const rows: Row[] = [];
  while (rows.length < addresses.length) {
    const blobs: Extent[] = [];
    const raws: Extent[] = [];
    let bytes = 0;
    for (let i = rows.length; i < addresses.length && (i === rows.length || bytes < CHUNK_BYTES); i++) {
      if (withBlob) bytes += addExtent(blobs, blobExtent(addresses[i]!, bytes));
      if (withRaw) bytes += addExtent(raws, rawExtent(addresses[i]!, bytes));
    }
    const chunk = new Uint8Array(bytes);
    await Promise.all([...load(chunk, blobs), ...load(chunk, raws)]);
    const count = Math.max(blobs.length, raws.length);
    for (let i = 0; i < count; i++) rows.push(rowOf(columns, chunk, blobs[i], raws[i]));
  }
  return rows;
}

function addExtent(extents: Extent[], extent: Extent): number {
  const { file, row, offset, bytes } = extent;
  if (offset + bytes > file.source.size) throw truncated(file.name, row, file.source.size);
  extents.push(extent);
  return bytes;
}

function blobExtent({ file, row }: RowAddress, at: number): Extent {
  const { header, index } = file;
  const offset = pageOffset(header, index.blobPage[row]!) + index.blobStart[row]!;
  return { file, row, offset, bytes: index.blobEnd[row]! - index.blobStart[row]!, at };
}

function rawExtent({ file, row }: RowAddress, at: number): Extent {
  const { header, index } = file;
  const offset = pageOffset(header, index.rawPage[row]!) + index.rawStart[row]!;
  return { file, row, offset, bytes: index.rawEnd[row]! - index.rawStart[row]!, at };
}

/** Starts the reads; those that are not answered at once are in the result. */
function load(chunk: Uint8Array, extents: readonly Extent[]): Promise<void>[] {
  const pending: Promise<void>[] = [];
  for (let first = 0; first < extents.length;) {
    let last = first;
    while (last + 1 < extents.length && follows(extents[last]!, extents[last + 1]!)) last += 1;
    const { file, row, offset, at } = extents[first]!;
    const into = chunk.subarray(at, extents[last]!.at + extents[last]!.bytes);
    const check = (read: number): void => {
      if (read !== into.length) throw truncated(file.name, row, offset + read);
    };
    const answer = file.source.read(offset, into);
    if (typeof answer === 'number') check(answer);
    else pending.push(answer.then(check));
    first = last + 1;
  }
  return pending;
}

/** Whether b begins where a ends, in the file and in the chunk. */
function follows(a: Extent, b: Extent): boolean {
  return a.file === b.file && a.offset + a.bytes === b.offset && a.at + a.bytes === b.at;
}

function rowOf(columns: readonly Column[], chunk: Uint8Array, blob: Extent | undefined, raw: Extent | undefined): Row {
  const parts = blob && blobParts(chunk, blob);
  const fields = raw && rawFields(chunk, raw);
  const entries = columns.map((column): [string, ColumnValue] => {
    const part = parts?.get(column.name);
    if (blob !== undefined && part !== undefined) {
      const value = blobValue(column, part, blob.file.header.version === '3.0');
      if (typeof value === 'string') throw damaged(blob, value, column);
      return [column.name, value];
    }
    const value = rawValue(column, fields?.get(column.name));
    if (raw === undefined || value === undefined) throw damaged(raw, `no ${column.type} in the raw row`, column);
    return [column.name, value];
  });
  return Object.fromEntries(entries);
}

function blobParts(chunk: Uint8Array, extent: Extent): ReadonlyMap<string, Uint8Array> {
  const { blobFields } = extent.file.header;
  const parts = splitBlob(chunk.subarray(extent.at + LENGTH_BYTES, extent.at + extent.bytes), blobFields.length);
  if (typeof parts === 'string') throw damaged(extent, parts);
  return new Map(parts.map((part, i) => [blobFields[i]!, part]));
}

function rawFields(chunk: Uint8Array, extent: Extent): ReadonlyMap<string, unknown> {
  const fields = decodeRaw(chunk.subarray(extent.at + LENGTH_BYTES, extent.at + extent.bytes));
  if (typeof fields === 'string') throw damaged(extent, fields);
  return fields;
}

function truncated(file: string, row: number, byte: number): MindRecordError {
  const message = `the file ends at byte ${byte}, before row ${row} does; copy or write it again`;
  return new MindRecordError('truncated', message, { file, row, byte });
}

function damaged(extent: Extent | undefined, what: string, column?: Column): MindRecordError {
  const place = { file: extent?.file.name, row: extent?.row, byte: extent && extent.offset + LENGTH_BYTES };
  const where = column === undefined ? '' : `, column ${column.name}`;
  return new MindRecordError('row-damaged', `row ${place.row}${where}: ${what}`, { ...place, column: column?.name });
}
