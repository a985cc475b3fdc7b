import type { ArrayValue, Column } from './column.ts';
import { valueShape } from './column.ts';
import { packedCount, packedDamage, packIntegers, unpackInt32, unpackInt64 } from './pack-integers.ts';

/**
 * Cuts the blob of a row into the bytes of its blob columns (docs/formats/mindrecord.md, "Rows").
 *
 * @returns one view a field in `blobFields` order, or what is wrong with the lengths
 */
export function splitBlob(blob: Uint8Array, fields: number): readonly Uint8Array[] | string {
  if (fields === 1) return [blob];
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let field = 0; field < fields; field++) {
    const remaining = blob.length - at - 8;
    if (remaining < 0) return `the blob ends before its column ${field + 1} of ${fields}`;
    const length = Number(view.getBigUint64(at));
    if (length > remaining) return `column ${field + 1} of the blob has ${length} bytes, ${remaining} are left`;
    parts.push(blob.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return parts;
}

/** The blob of a row: the bytes alone of a single column, else each with a big-endian length; 4 zeros for none. */
export function joinBlob(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 0) return new Uint8Array(4);
  if (parts.length === 1) return parts[0]!;
  const blob = new Uint8Array(parts.reduce((bytes, part) => bytes + 8 + part.length, 0));
  const view = new DataView(blob.buffer);
  let at = 0;
  for (const part of parts) {
    view.setBigUint64(at, BigInt(part.length));
    blob.set(part, at + 8);
    at += 8 + part.length;
  }
  return blob;
}

/** The stored bytes of an array: integers packed, floating point as it is. */
export function arrayBytes(value: ArrayValue): Uint8Array {
  if (value instanceof Int32Array || value instanceof BigInt64Array) return packIntegers(value);
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/**
 * The value of a blob column.
 *
 * @param packed whether integers are packed (version 3.0) or stored as they are (2.0)
 * @returns a copy that does not share memory with `bytes`, or what is wrong with them (a text)
 */
export function blobValue(column: Column, bytes: Uint8Array, packed: boolean): ArrayValue | Uint8Array | string {
  if (column.type === 'bytes') return bytes.slice();
  const width = column.type === 'int32' || column.type === 'float32' ? 4 : 8;
  const unpacks = packed && (column.type === 'int32' || column.type === 'int64');
  const damage = unpacks ? packedDamage(bytes) : unevenDamage(bytes, width);
  if (damage !== undefined) return damage;
  const elements = unpacks ? packedCount(bytes) : bytes.length / width;
  if (valueShape(column, elements) === undefined) {
    return `${elements} elements do not fit shape ${JSON.stringify(column.shape)}`;
  }
  if (unpacks) return column.type === 'int32' ? unpackInt32(bytes) : unpackInt64(bytes);
  const { buffer } = bytes.slice();
  if (column.type === 'int32') return new Int32Array(buffer);
  if (column.type === 'int64') return new BigInt64Array(buffer);
  return column.type === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
}

function unevenDamage(bytes: Uint8Array, width: number): string | undefined {
  return bytes.length % width === 0 ? undefined : `${bytes.length} bytes are no whole number of ${width}-byte elements`;
}
