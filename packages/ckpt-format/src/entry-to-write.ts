import type { ElementType } from '@cairn/bytes';

/** What is to be known of a tensor to give it a place in a file. A `TensorEntry` is one. */
export interface TensorSpec {
  readonly kind: 'tensor';
  readonly name: string;
  readonly dtype: ElementType;
  /** Elements an axis; `[]` is a scalar. */
  readonly shape: readonly number[];
}

/** A text (MindSpore's `str`); only a `.ckpt` holds it. */
export interface TextToWrite {
  readonly kind: 'text';
  readonly name: string;
  readonly text: string;
}

/** A tensor with its content. */
export interface TensorToWrite extends TensorSpec {
  /** The elements in C order, little-endian, exactly as many bytes as shape and dtype need; pieces may be cut anywhere. */
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What is to be known of an entry to give it a place in a file. */
export type EntrySpec = TensorSpec | TextToWrite;

/** An entry with its content. */
export type EntryToWrite = TensorToWrite | TextToWrite;
