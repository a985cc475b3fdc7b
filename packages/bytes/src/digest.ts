import type { ElementType } from './element-type.ts';
import { elementBytes, elementCount } from './element-type.ts';
import { WASM } from './kernels/digest.wasm.ts';

/** Where a slice lies in its full tensor: one half-open range of elements an axis. */
export type Box = readonly (readonly [begin: number, end: number])[];

/** The digest kernel working on a given memory; for hosts that read file bytes straight into it. */
export interface DigestKernel {
  /**
   * Sum over `rows` rows of `perRow` elements lying back to back from byte `at`; row r stands at flat position
   * `position + r * step` of the full tensor. Sums of disjoint parts add up (mod 2^64).
   */
  digest(width: number, at: number, rows: number, perRow: number, position: bigint, step: bigint): bigint;
}

/**
 * Puts the digest kernel on a memory. Bytes to digest go above the first 64 KiB, which are the kernel's own.
 *
 * @param memory at least two pages of 64 KiB
 */
export function digestKernel(memory: WebAssembly.Memory): DigestKernel {
  const code = Uint8Array.from(atob(WASM), (char) => char.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  // The export's signature is that of kernels/digest.ts.
  return exports as unknown as DigestKernel;
}

/** Bytes of a tensor that are digested at once; fits the second-level cache. */
const SCRATCH_BYTES = 256 * 1024;
/** The stub runtime of the kernel keeps its data below this address. */
const SCRATCH_AT = 65536;

let shared: { kernel: DigestKernel; scratch: Uint8Array } | undefined;

function sharedKernel(): { kernel: DigestKernel; scratch: Uint8Array } {
  if (shared === undefined) {
    const memory = new WebAssembly.Memory({ initial: (SCRATCH_AT + SCRATCH_BYTES) / 65536 });
    const scratch = new Uint8Array(memory.buffer, SCRATCH_AT, SCRATCH_BYTES);
    shared = { kernel: digestKernel(memory), scratch };
  }
  return shared;
}

/** What a digest begins with: dtype and full shape, so that equal bytes of another kind differ (FNV-1a, 64 bit). */
export function seedOf(type: ElementType, shape: readonly number[]): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const char of `${type}:${shape.join('x')}`) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(char.charCodeAt(0))) * 0x100000001b3n);
  }
  return hash;
}

/**
 * The tensor digest: notices damage, and is the same for a tensor and for its slices put together.
 *
 * Σ (element bits + p) · mix(p) mod 2⁶⁴ over the stored elements, p being the flat position in the full tensor,
 * begun from a seed of dtype and shape. Not cryptographic.
 */
export class TensorDigest {
  readonly #width: number;
  readonly #shape: readonly number[];
  #sum: bigint;

  /**
   * @param type  element type as stored
   * @param shape full shape of the tensor, before any cut
   */
  constructor(type: ElementType, shape: readonly number[]) {
    this.#width = elementBytes(type);
    this.#shape = shape;
    this.#sum = seedOf(type, shape);
  }

  /**
   * Adds elements lying one after another in the full tensor, the first at flat position `position`.
   *
   * @throws RangeError when the bytes are not whole elements
   */
  add(bytes: Uint8Array, position: number): this {
    if (bytes.length % this.#width !== 0) {
      throw new RangeError(`${bytes.length} bytes are not whole elements of ${this.#width} bytes`);
    }
    this.#rows(bytes, bytes.length / this.#width, position, 0);
    return this;
  }

  /**
   * Adds a slice.
   *
   * @param bytes the slice's elements in C order
   * @param box   where the slice lies, one range an axis
   * @throws RangeError when the box does not lie in the tensor, or the bytes do not fill it
   */
  addBox(bytes: Uint8Array, box: Box): this {
    this.#checkBox(bytes, box);
    this.#addAxis(bytes, box, 0, 0);
    return this;
  }

  /** Adds what a {@link DigestKernel} has summed over elements of this tensor. */
  addPartial(sum: bigint): this {
    this.#sum = BigInt.asUintN(64, this.#sum + sum);
    return this;
  }

  /** The digest of what was added so far: 16 hexadecimal digits. */
  value(): string {
    return this.#sum.toString(16).padStart(16, '0');
  }

  #checkBox(bytes: Uint8Array, box: Box): void {
    const inside = box.every(([begin, end], axis) => 0 <= begin && begin <= end && end <= (this.#shape[axis] ?? -1));
    if (!inside || box.length !== this.#shape.length) {
      throw new RangeError(
        `the slice [${box.map((range) => range.join(' to ')).join(', ')}] is not one of [${this.#shape}]`,
      );
    }
    const wanted = elementCount(box.map(([begin, end]) => end - begin)) * this.#width;
    if (bytes.length !== wanted) throw new RangeError(`the slice takes ${wanted} bytes, ${bytes.length} were given`);
  }

  #addAxis(bytes: Uint8Array, box: Box, axis: number, origin: number): void {
    const contiguous = box.slice(axis + 1).every(([begin, end], i) => begin === 0 && end === this.#shape[axis + 1 + i]);
    const inner = elementCount(this.#shape.slice(axis + 1));
    const [begin, end] = box[axis] ?? [0, 1];
    const start = origin + begin * inner;
    if (contiguous) {
      this.add(bytes, start);
    } else if (axis === this.#shape.length - 2) {
      const [from, to] = box[axis + 1] ?? [0, 0];
      this.#rows(bytes, to - from, start + from, inner);
    } else {
      const part = bytes.length / (end - begin);
      for (let i = 0; i < end - begin; i++) {
        this.#addAxis(bytes.subarray(i * part, (i + 1) * part), box, axis + 1, start + i * inner);
      }
    }
  }

  /** Rows of `perRow` elements; row r at `position + r * step`. Long rows are taken in pieces. */
  #rows(bytes: Uint8Array, perRow: number, position: number, step: number): void {
    if (bytes.length === 0) return;
    const { kernel, scratch } = sharedKernel();
    const rowBytes = perRow * this.#width;
    const batch = Math.max(1, Math.floor(SCRATCH_BYTES / rowBytes));
    const rows = bytes.length / rowBytes;
    for (let row = 0; row < rows; row += batch) {
      const count = Math.min(batch, rows - row);
      const part = bytes.subarray(row * rowBytes, (row + count) * rowBytes);
      const first = position + row * step;
      for (let at = 0; at < part.length; at += SCRATCH_BYTES) {
        const piece = part.subarray(at, at + SCRATCH_BYTES);
        scratch.set(piece);
        // Only a single row is longer than the scratch; then `at` counts within that row.
        const perPiece = count === 1 ? piece.length / this.#width : perRow;
        const here = BigInt(first + at / this.#width);
        this.#sum += kernel.digest(this.#width, SCRATCH_AT, count, perPiece, here, BigInt(step));
      }
    }
    this.#sum = BigInt.asUintN(64, this.#sum);
  }
}

/**
 * The digest of a whole tensor: 16 hexadecimal digits.
 *
 * @param type  element type as stored
 * @param shape shape of the tensor
 * @param bytes its elements in C order
 * @throws RangeError when the bytes are not those of the shape
 */
export function tensorDigest(type: ElementType, shape: readonly number[], bytes: Uint8Array): string {
  const whole = shape.map((size) => [0, size] as const);
  return new TensorDigest(type, shape).addBox(bytes, whole).value();
}
