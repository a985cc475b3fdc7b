import type { ElementType } from '@cairn/bytes';

/** A range of bytes in a file. */
export interface Chunk {
  readonly offset: number;
  readonly bytes: number;
}

/** A tensor as it lies in a file. */
export interface StoredTensor {
  readonly dtype: ElementType;
  /** Elements an axis; `[]` is a scalar. */
  readonly shape: readonly number[];
  /** Where the content lies, in order; none is empty, and a tensor without elements has none. */
  readonly chunks: readonly Chunk[];
  /** Bytes of the tensor at its dtype's width: what `readTensor` returns. */
  readonly bytes: number;
  /** Type of the elements in the file: the dtype, but `Float32` for the bfloat16 of MindSpore 2.2 (mindspore-formats §1.2). */
  readonly storedAs: ElementType;
}

/** A named tensor. */
export interface TensorEntry extends StoredTensor {
  readonly kind: 'tensor';
  readonly name: string;
}

/** MindSpore's `str`. */
export interface TextEntry {
  readonly kind: 'text';
  readonly name: string;
  readonly text: string;
}

/** A hash-table parameter (MapParameter). */
export interface MapEntry {
  readonly kind: 'map';
  readonly name: string;
  readonly tensors: readonly [keys: StoredTensor, values: StoredTensor, status: StoredTensor];
}

/** One named thing in a file. */
export type CheckpointEntry = TensorEntry | TextEntry | MapEntry;

/** What MindSpore calls `format`; also the ending of the file name. */
export type CheckpointFormat = 'ckpt' | 'safetensors';

/** What a checkpoint file holds and where, without the contents. */
export interface CheckpointIndex {
  readonly format: CheckpointFormat;
  /** In the order of the file. Names are unique. */
  readonly entries: readonly CheckpointEntry[];
  /** `__metadata__` of a safetensors file; has no prototype. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The CRC-32 stored in the file; null when there is none. */
  readonly crc: number | null;
  /** Size of the file. */
  readonly bytes: number;
  /** Where entries and contents end; the CRC trailer of a `.ckpt` follows. */
  readonly dataEnd: number;
  /**
   * Names that stand several times in a `.ckpt`, which upstream's writer can produce. As in MindSpore, of equal
   * neighbours the first counts, of others the last (mindspore-formats §1.4).
   */
  readonly repeatedNames: readonly string[];
}
