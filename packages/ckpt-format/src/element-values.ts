import type { ElementType } from '@cairn/bytes';
import { elementBytes, fromBfloat16Bits, fromFloat16Bits } from '@cairn/bytes';

/** Elements as numbers: 64-bit integers as bigint, all others as number. */
export type ElementValues =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/**
 * The elements of a tensor as numbers, exactly: float16 and bfloat16 as float32, Bool as 0 and 1, Int4 as the bytes of
 * two nibbles that it is stored in.
 *
 * @param bytes whole elements, little-endian; a view of them where the type allows
 */
export function elementValues(dtype: ElementType, bytes: Uint8Array): ElementValues {
  const aligned = bytes.byteOffset % elementBytes(dtype) === 0 ? bytes : bytes.slice();
  const view = [aligned.buffer, aligned.byteOffset, aligned.length / elementBytes(dtype)] as const;
  switch (dtype) {
    case 'Bool':
    case 'Int4':
    case 'UInt8':
      return new Uint8Array(...view);
    case 'Int8':
      return new Int8Array(...view);
    case 'Int16':
      return new Int16Array(...view);
    case 'UInt16':
      return new Uint16Array(...view);
    case 'Int32':
      return new Int32Array(...view);
    case 'UInt32':
      return new Uint32Array(...view);
    case 'Int64':
      return new BigInt64Array(...view);
    case 'UInt64':
      return new BigUint64Array(...view);
    case 'Float16':
      return fromFloat16Bits(new Uint16Array(...view));
    case 'BFloat16':
      return fromBfloat16Bits(new Uint16Array(...view));
    case 'Float32':
      return new Float32Array(...view);
    case 'Float64':
      return new Float64Array(...view);
  }
}
