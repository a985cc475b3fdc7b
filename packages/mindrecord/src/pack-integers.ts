/**
 * Integer packing of int32 and int64 arrays (docs/formats/mindrecord.md, "Packed integers"):
 * u32 big-endian count n · ceil(n/4) bytes of 2-bit width codes, first element in the high bits · n values,
 * each little-endian two's complement in 1, 2, 4 or 8 bytes, the shortest that holds it.
 */

/** Bytes in front of the width codes. */
const COUNT_BYTES = 4;

/** Bytes taken by the four values of a code byte. */
const GROUP_BYTES = Uint8Array.from({ length: 256 }, (_, codes) =>
  [0, 2, 4, 6].reduce((bytes, shift) => bytes + (1 << ((codes >> shift) & 3)), 0),
);

/** Packs an array. Its length is at most 2^32 - 1. */
export function packIntegers(values: Int32Array | BigInt64Array): Uint8Array<ArrayBuffer> {
  const { length } = values;
  const codesEnd = COUNT_BYTES + Math.ceil(length / 4);
  const out = new Uint8Array(codesEnd + values.byteLength);
  new DataView(out.buffer).setUint32(0, length);
  // Words of an int64 value: low, high (little-endian host, as every host of Node).
  const words = new Int32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  const wide = words.length !== length;
  let at = codesEnd;
  for (let i = 0; i < length; i++) {
    const low = wide ? words[2 * i]! : words[i]!;
    const high = wide ? words[2 * i + 1]! : low >> 31;
    const code = high !== low >> 31 ? 3 : (low << 24) >> 24 === low ? 0 : (low << 16) >> 16 === low ? 1 : 2;
    out[COUNT_BYTES + (i >> 2)]! |= code << (2 * (3 - (i & 3)));
    out[at] = low;
    if (code > 0) out[at + 1] = low >> 8;
    if (code > 1) {
      out[at + 2] = low >> 16;
      out[at + 3] = low >> 24;
    }
    if (code > 2) for (let byte = 0; byte < 4; byte++) out[at + 4 + byte] = high >> (8 * byte);
    at += 1 << code;
  }
  return out.subarray(0, at);
}

/**
 * Why packed bytes cannot be unpacked, or undefined when they can: the count and the widths must take exactly the
 * bytes there are. (MindSpore does not check and crashes on a damaged count.)
 */
export function packedDamage(bytes: Uint8Array): string | undefined {
  if (bytes.length < COUNT_BYTES) return `${bytes.length} bytes are too few for a packed array`;
  const count = packedCount(bytes);
  const codesEnd = COUNT_BYTES + Math.ceil(count / 4);
  if (codesEnd + count > bytes.length) return `${count} packed integers cannot lie in ${bytes.length} bytes`;
  let expected = codesEnd;
  for (let i = COUNT_BYTES; i < codesEnd; i++) expected += GROUP_BYTES[bytes[i]!]!;
  // The last code byte may stand for fewer than four values.
  for (let i = count; i & 3; i++) expected -= 1 << (((bytes[codesEnd - 1] ?? 0) >> (2 * (3 - (i & 3)))) & 3);
  return expected === bytes.length ? undefined : `${count} packed integers need ${expected} bytes, not ${bytes.length}`;
}

/** Number of values that packed bytes begin with. */
export function packedCount(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}

/** Unpacks to int32, keeping the low 32 bits of wider values. The bytes must be free of {@link packedDamage}. */
export function unpackInt32(bytes: Uint8Array): Int32Array<ArrayBuffer> {
  const count = packedCount(bytes);
  const out = new Int32Array(count);
  let at = COUNT_BYTES + Math.ceil(count / 4);
  for (let i = 0; i < count; i++) {
    const code = (bytes[COUNT_BYTES + (i >> 2)]! >> (2 * (3 - (i & 3)))) & 3;
    if (code === 0) out[i] = (bytes[at]! << 24) >> 24;
    else if (code === 1) out[i] = ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16;
    else out[i] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    at += 1 << code;
  }
  return out;
}

/** Unpacks to int64. The bytes must be free of {@link packedDamage}. */
export function unpackInt64(bytes: Uint8Array): BigInt64Array<ArrayBuffer> {
  const count = packedCount(bytes);
  const out = new BigInt64Array(count);
  const words = new Int32Array(out.buffer);
  let at = COUNT_BYTES + Math.ceil(count / 4);
  for (let i = 0; i < count; i++) {
    const code = (bytes[COUNT_BYTES + (i >> 2)]! >> (2 * (3 - (i & 3)))) & 3;
    let low: number;
    if (code === 0) low = (bytes[at]! << 24) >> 24;
    else if (code === 1) low = ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16;
    else low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    words[2 * i] = low;
    words[2 * i + 1] =
      code < 3 ? low >> 31 : bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24);
    at += 1 << code;
  }
  return out;
}
