/** The element types of MindSpore checkpoints, in MindSpore's spelling (mindspore-formats §1.2). */
export type ElementType =
  | 'Bool'
  | 'Int4'
  | 'Int8'
  | 'UInt8'
  | 'Int16'
  | 'UInt16'
  | 'Int32'
  | 'UInt32'
  | 'Int64'
  | 'UInt64'
  | 'Float16'
  | 'BFloat16'
  | 'Float32'
  | 'Float64';

const BYTES: Readonly<Record<ElementType, number>> = {
  Bool: 1,
  // Two packed nibbles a byte; shapes count the stored bytes.
  Int4: 1,
  Int8: 1,
  UInt8: 1,
  Int16: 2,
  UInt16: 2,
  Int32: 4,
  UInt32: 4,
  Int64: 8,
  UInt64: 8,
  Float16: 2,
  BFloat16: 2,
  Float32: 4,
  Float64: 8,
};

/** Bytes one stored element takes. */
export function elementBytes(type: ElementType): number {
  return BYTES[type];
}

/** Whether a text names an element type. */
export function isElementType(text: string): text is ElementType {
  return Object.hasOwn(BYTES, text);
}

/** Elements of a tensor: the product of its shape, 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
