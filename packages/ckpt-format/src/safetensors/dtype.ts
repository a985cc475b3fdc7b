import type { ElementType } from '@cairn/bytes';

/**
 * Names of element types in a safetensors file, in the order of the library's ranks, highest first
 * (docs/formats/safetensors.md). `Int4` has no name: it is stored as `I8` and told by the metadata.
 */
const NAMES = new Map<string, ElementType>([
  ['U64', 'UInt64'],
  ['I64', 'Int64'],
  ['F64', 'Float64'],
  ['F32', 'Float32'],
  ['U32', 'UInt32'],
  ['I32', 'Int32'],
  ['BF16', 'BFloat16'],
  ['F16', 'Float16'],
  ['U16', 'UInt16'],
  ['I16', 'Int16'],
  ['I8', 'Int8'],
  ['U8', 'UInt8'],
  ['BOOL', 'Bool'],
]);
const BY_TYPE = new Map([...NAMES].map(([name, type], rank) => [type, { name, rank }]));

/** Value of the metadata entry that makes an `I8` tensor of the same name an `Int4` one. */
export const INT4_MARK = 'Int4';

/** The element type of a name in a header; undefined for one that MindSpore does not read either (float8, complex). */
export function typeOf(name: string): ElementType | undefined {
  return NAMES.get(name);
}

/** Name and rank (0 is laid out first) under which a type is stored. */
export function storedName(type: ElementType): { readonly name: string; readonly rank: number } {
  // Every type but Int4 is in the table.
  return BY_TYPE.get(type === 'Int4' ? 'Int8' : type)!;
}
