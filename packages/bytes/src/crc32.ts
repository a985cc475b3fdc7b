/** Eight tables: table[k][b] is the CRC of byte b followed by k zero bytes (slicing by eight). */
const TABLES: readonly Uint32Array[] = makeTables();

function makeTables(): Uint32Array[] {
  const first = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    first[byte] = crc >>> 0;
  }
  const tables = [first];
  for (let k = 1; k < 8; k++) {
    const before = tables[k - 1] ?? first;
    tables.push(Uint32Array.from(before, (crc) => ((crc >>> 8) ^ (first[crc & 255] ?? 0)) >>> 0));
  }
  return tables;
}

/**
 * CRC-32 of zlib and IEEE 802.3, chained: pass the result of the bytes before.
 *
 * @param crc 0 for the first bytes
 */
export function crc32(bytes: Uint8Array, crc = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const at = (table: Uint32Array, index: number): number => table[index]!;
  let c = ~crc;
  let i = 0;
  for (const whole = bytes.length - 7; i < whole; i += 8) {
    const low = c ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    c =
      at(t7, low & 255) ^
      at(t6, (low >>> 8) & 255) ^
      at(t5, (low >>> 16) & 255) ^
      at(t4, low >>> 24) ^
      at(t3, bytes[i + 4]!) ^
      at(t2, bytes[i + 5]!) ^
      at(t1, bytes[i + 6]!) ^
      at(t0, bytes[i + 7]!);
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ at(t0, (c ^ bytes[i]!) & 255);
  return ~c >>> 0;
}
