import type { CheckpointFormat } from './checkpoint-index.ts';

/** A piece of an entry: bytes known in advance, and the place of content that follows them. */
export interface LayoutPart {
  /** Bytes before the content; none in a safetensors file. */
  readonly header: Uint8Array;
  readonly headerOffset: number;
  /** Where the content goes in the file. */
  readonly offset: number;
  readonly bytes: number;
  /** Which byte of the tensor's content comes first. */
  readonly tensorOffset: number;
}

/** Where one entry goes. */
export interface EntryLayout {
  readonly name: string;
  /** Bytes of content over all parts: 0 for a text, whose bytes are all in its header. */
  readonly bytes: number;
  /** In the order of the file; at least one. */
  readonly parts: readonly LayoutPart[];
}

/**
 * Where every byte of a file goes, known before there is any content, so that contents can be written straight to
 * their places: head, headers and contents together are the whole file.
 */
export interface FileLayout {
  readonly format: CheckpointFormat;
  /** Size of the file, without a CRC trailer. */
  readonly bytes: number;
  /** The first bytes of the file: the header of a safetensors file, none in a `.ckpt`. */
  readonly head: Uint8Array;
  /** In the order of the file. */
  readonly entries: readonly EntryLayout[];
}
