import type { ElementType } from '@cairn/bytes';

/** The file begins with this and its version, 1.0. */
const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0);
/** Magic, version and the length of the text. */
const PREFIX_BYTES = 10;
/** Header and prefix together are filled up to a multiple of this. */
const ALIGNMENT_BYTES = 64;

const DESCRIPTIONS: Readonly<Record<ElementType, string>> = {
  Bool: '|b1',
  Int4: '|u1',
  Int8: '|i1',
  UInt8: '|u1',
  Int16: '<i2',
  UInt16: '<u2',
  Int32: '<i4',
  UInt32: '<u4',
  Int64: '<i8',
  UInt64: '<u8',
  Float16: '<f2',
  BFloat16: '<f4',
  Float32: '<f4',
  Float64: '<f8',
};

/**
 * The header of a NumPy file (.npy version 1.0) whose elements follow in C order. bfloat16, which numpy does not have,
 * is to follow as float32, Int4 as the bytes it is stored in.
 */
export function npyHeader(dtype: ElementType, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${DESCRIPTIONS[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const bytes = Math.ceil((PREFIX_BYTES + text.length + 1) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const header = new Uint8Array(bytes);
  header.set(MAGIC);
  new DataView(header.buffer).setUint16(MAGIC.length, bytes - PREFIX_BYTES, true);
  header.set(new TextEncoder().encode(`${text.padEnd(bytes - PREFIX_BYTES - 1)}\n`), PREFIX_BYTES);
  return header;
}
