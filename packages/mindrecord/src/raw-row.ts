import { decode } from '@msgpack/msgpack';
import type { Column } from './column.ts';

/** The value of a raw column. */
export type RawValue = string | number | bigint;

/** What a row without raw columns stores: the MessagePack map {"id": 0}. */
const NO_COLUMNS: Uint8Array = Uint8Array.of(0x81, 0xa2, 0x69, 0x64, 0x00);

/** Far above the fields a row has; the decoder allocates what a damaged length says. */
const MAX_FIELDS = 2 ** 16;

/**
 * The MessagePack map of a row's raw columns, as nlohmann::json writes it: keys in name order, integers in the
 * shortest form (unsigned forms from 0 up), floating point in 4 bytes when that is exact, else in 8.
 *
 * @param columns the raw columns in name order
 * @param values  their values; int64 as bigint
 */
export function encodeRaw(columns: readonly Column[], values: readonly RawValue[]): Uint8Array {
  if (columns.length === 0) return NO_COLUMNS;
  const parts: Uint8Array[] = [mapHead(columns.length)];
  columns.forEach((column, i) => {
    const value = values[i]!;
    parts.push(stringBytes(column.name));
    if (typeof value === 'string') parts.push(stringBytes(value));
    else parts.push(column.type.startsWith('int') ? integerBytes(BigInt(value)) : floatBytes(Number(value)));
  });
  return joined(parts);
}

function mapHead(fields: number): Uint8Array {
  return fields < 16 ? Uint8Array.of(0x80 | fields) : sized(0xde, 2, BigInt(fields));
}

function stringBytes(text: string): Uint8Array {
  const utf8 = new TextEncoder().encode(text);
  const { length } = utf8;
  if (length < 32) return joined([Uint8Array.of(0xa0 | length), utf8]);
  const head = length < 2 ** 8 ? [0xd9, 1] : length < 2 ** 16 ? [0xda, 2] : [0xdb, 4];
  return joined([sized(head[0]!, head[1]!, BigInt(length)), utf8]);
}

function integerBytes(value: bigint): Uint8Array {
  if (value >= -32n && value < 128n) return Uint8Array.of(Number(value) & 255);
  const bits = [8, 16, 32].find(
    (bits) => (value < 0n ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) === value,
  );
  const power = Math.log2((bits ?? 64) / 8);
  return sized((value < 0n ? 0xd0 : 0xcc) + power, 2 ** power, value);
}

function floatBytes(value: number): Uint8Array {
  const single = Math.fround(value) === value && Number.isFinite(value);
  const out = new Uint8Array(single ? 5 : 9);
  out[0] = single ? 0xca : 0xcb;
  const view = new DataView(out.buffer);
  if (single) view.setFloat32(1, value);
  else view.setFloat64(1, value);
  return out;
}

/** A type byte and a big-endian integer of `bytes` bytes. */
function sized(type: number, bytes: number, value: bigint): Uint8Array {
  const out = new Uint8Array(9);
  new DataView(out.buffer).setBigInt64(1, BigInt.asIntN(64, value << BigInt(64 - 8 * bytes)));
  out[0] = type;
  return out.subarray(0, 1 + bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The fields of a stored raw row, or what is wrong with its bytes (a text). */
export function decodeRaw(bytes: Uint8Array): ReadonlyMap<string, unknown> | string {
  try {
    const limits = { maxArrayLength: MAX_FIELDS, maxMapLength: MAX_FIELDS, maxExtLength: 0 };
    const map = decode(bytes, { useBigInt64: true, ...limits });
    if (typeof map !== 'object' || map === null || Array.isArray(map)) return 'the raw row is no MessagePack map';
    return new Map(Object.entries(map));
  } catch (error) {
    return `the raw row is no MessagePack: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The value of one raw column; undefined when the row has none that fits the column's type. */
export function rawValue(column: Column, value: unknown): RawValue | undefined {
  if (column.type === 'string') return typeof value === 'string' ? value : undefined;
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  if (column.type === 'float32') return Math.fround(Number(value));
  if (column.type === 'float64') return Number(value);
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined;
  const exact = BigInt(value);
  const bits = column.type === 'int32' ? 32 : 64;
  if (BigInt.asIntN(bits, exact) !== exact) return undefined;
  return bits === 32 ? Number(exact) : exact;
}
