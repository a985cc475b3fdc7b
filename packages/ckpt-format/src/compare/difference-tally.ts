import type { ElementType } from '@cairn/bytes';
import { elementBytes } from '@cairn/bytes';
import { elementValues } from '../element-values.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** How the values of two tensors of one dtype and shape differ. */
export interface ValueDifference {
  /** Elements that differ by more than the tolerance. */
  readonly differing: number;
  /** Flat position of the first of them; null when all are within the tolerance. */
  readonly first: number | null;
  /** Largest |a - b| over all elements that are finite on both sides. */
  readonly maxAbsolute: number;
  /** Largest |a - b| / max(|a|, |b|) over the same elements. */
  readonly maxRelative: number;
  /** Differing elements that are infinite or NaN on a side: they count, but have no distance. */
  readonly notFinite: number;
}

/** Gathers the difference of two tensors of one dtype and shape, piece by piece. */
export class DifferenceTally {
  readonly #dtype: ElementType;
  readonly #tolerance: number;
  #differing = 0;
  #first: number | null = null;
  #maxAbsolute = 0;
  #maxRelative = 0;
  #notFinite = 0;

  /**
   * @param tolerance largest |a - b| that does not count; with 0 the bits must be equal, so that 0 differs from -0 and
   *                  a NaN from another, with more a NaN equals every NaN
   */
  constructor(dtype: ElementType, tolerance: number) {
    this.#dtype = dtype;
    this.#tolerance = tolerance;
  }

  /**
   * Adds elements that stand at the same places of both tensors, the first at flat position `position`.
   *
   * @param a equally many bytes as `b`; both begin at an aligned address
   */
  add(a: Bytes, b: Bytes, position: number): void {
    if (sameBytes(a, b)) return;
    const width = elementBytes(this.#dtype);
    const [leftBits, rightBits] = [bitsOf(a, width), bitsOf(b, width)];
    const [left, right] = [elementValues(this.#dtype, a), elementValues(this.#dtype, b)];
    for (let i = 0; i < left.length; i++) {
      if (leftBits[i] !== rightBits[i]) this.#measure(left[i]!, right[i]!, position + i);
    }
  }

  /** Null when there is no difference, not even one within the tolerance. */
  result(): ValueDifference | null {
    if (this.#differing === 0 && this.#maxAbsolute === 0) return null;
    return {
      differing: this.#differing,
      first: this.#first,
      maxAbsolute: this.#maxAbsolute,
      maxRelative: this.#maxRelative,
      notFinite: this.#notFinite,
    };
  }

  /** Two elements whose bits differ. */
  #measure(a: number | bigint, b: number | bigint, position: number): void {
    // 64-bit integers are subtracted before anything is rounded.
    const distance = typeof a === 'bigint' && typeof b === 'bigint' ? Number(a - b) : Number(a) - Number(b);
    const absolute = Math.abs(distance);
    if (Number.isFinite(absolute)) {
      this.#maxAbsolute = Math.max(this.#maxAbsolute, absolute);
      const size = Math.max(Math.abs(Number(a)), Math.abs(Number(b)));
      if (size > 0) this.#maxRelative = Math.max(this.#maxRelative, absolute / size);
      if (this.#tolerance > 0 && absolute <= this.#tolerance) return;
    } else {
      if (this.#tolerance > 0 && Number.isNaN(Number(a)) && Number.isNaN(Number(b))) return;
      this.#notFinite += 1;
    }
    this.#differing += 1;
    this.#first ??= position;
  }
}

function sameBytes(a: Bytes, b: Bytes): boolean {
  const words = Math.floor(a.length / 4);
  const left = new Int32Array(a.buffer, a.byteOffset, words);
  const right = new Int32Array(b.buffer, b.byteOffset, words);
  for (let i = 0; i < words; i++) if (left[i] !== right[i]) return false;
  for (let i = 4 * words; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The elements as unsigned integers of their width. */
function bitsOf(bytes: Bytes, width: number): Uint8Array | Uint16Array | Uint32Array | BigUint64Array {
  const view = [bytes.buffer, bytes.byteOffset, bytes.length / width] as const;
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(...view);
  return width === 4 ? new Uint32Array(...view) : new BigUint64Array(...view);
}
