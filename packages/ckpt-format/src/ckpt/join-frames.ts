import type { ElementType } from '@cairn/bytes';
import { elementBytes, elementCount, isElementType } from '@cairn/bytes';
import type { CheckpointEntry, Chunk, StoredTensor } from '../checkpoint-index.ts';
import { CkptError } from '../ckpt-error.ts';
import type { Frame, TensorPiece } from './read-frame.ts';
import { decodeUtf32 } from './utf32.ts';

type FrameOf<Kind extends Frame['kind']> = Frame & { readonly kind: Kind };

/** Maps name their types as numpy does; MindSpore reads these four (mindspore-formats §1.5). */
const NUMPY_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['int32', 'Int32'],
  ['float16', 'Float16'],
  ['float32', 'Float32'],
  ['float64', 'Float64'],
]);

/** What neighbouring frames of one name are together. */
export interface Joined {
  readonly entry: CheckpointEntry;
  /** The frames hold the whole entry more than once; all but the first are left out. */
  readonly repeated: boolean;
}

/**
 * One entry of neighbouring frames of one name.
 *
 * @throws CkptError `malformed` when they do not belong together, `unknown-dtype`, `size-mismatch`
 */
export function joinFrames(first: Frame, more: readonly Frame[]): Joined {
  if (first.kind === 'tensor') return joinTensor(first, [first, ...sameKind(first, more)]);
  if (first.kind === 'text') return joinText(first, [first, ...sameKind(first, more)]);
  return joinMap(first, [first, ...sameKind(first, more)]);
}

function sameKind<Kind extends Frame['kind']>(first: FrameOf<Kind>, more: readonly Frame[]): FrameOf<Kind>[] {
  return more.map((frame) => {
    if (frame.kind !== first.kind) throw disagree(frame, `a ${first.kind} before, a ${frame.kind} here`);
    // Compared just above; TypeScript does not narrow a union by a generic discriminant.
    return frame as FrameOf<Kind>;
  });
}

function joinTensor(first: FrameOf<'tensor'>, frames: readonly FrameOf<'tensor'>[]): Joined {
  const { dims, type } = first.piece;
  for (const frame of frames) {
    const same = frame.piece.type === type && sameDims(frame.piece.dims, dims);
    if (!same) throw disagree(frame, `${describe(first.piece)} before, ${describe(frame.piece)} here`);
  }
  if (!isElementType(type)) throw unknownType(first, type);
  const pieces = frames.map((frame) => frame.piece.content);
  const stored = storedTensor(first, type, dims, pieces);
  const entry = { kind: 'tensor', name: first.name, ...stored } as const;
  return { entry, repeated: sumBytes(stored.chunks) < sumBytes(pieces) };
}

function joinText({ name, byte }: Frame, frames: readonly FrameOf<'text'>[]): Joined {
  const bytes = concat(frames.map(({ content }) => content));
  return { entry: { kind: 'text', name, text: decodeUtf32(bytes, name, byte) }, repeated: false };
}

/** Slices of a map follow each other on the first axis. */
function joinMap(first: FrameOf<'map'>, frames: readonly FrameOf<'map'>[]): Joined {
  const column = (slot: 0 | 1 | 2): StoredTensor => {
    const head = mapTensor(first, slot);
    const slices = frames.map((frame) => {
      const slice = mapTensor(frame, slot);
      const same = slice.dtype === head.dtype && sameDims(slice.shape.slice(1), head.shape.slice(1));
      if (!same || (frames.length > 1 && slice.shape.length === 0)) {
        throw disagree(frame, `slices ${head.dtype}[${head.shape}] and ${slice.dtype}[${slice.shape}]`);
      }
      return slice;
    });
    if (slices.length === 1) return head;
    const rows = slices.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    return { ...head, shape: [rows, ...head.shape.slice(1)], chunks: slices.flatMap(({ chunks }) => chunks), bytes };
  };
  const tensors = [column(0), column(1), column(2)] as const;
  return { entry: { kind: 'map', name: first.name, tensors }, repeated: false };
}

function mapTensor(frame: FrameOf<'map'>, slot: 0 | 1 | 2): StoredTensor {
  const { dims, type, content } = frame.pieces[slot];
  const dtype = NUMPY_TYPES.get(type);
  if (dtype === undefined) throw unknownType(frame, type);
  return storedTensor(frame, dtype, dims, [content]);
}

/** Checks that the content is exactly what shape and type need; MindSpore does not (mindspore-formats §1.2). */
function storedTensor(
  frame: Frame,
  dtype: ElementType,
  dims: readonly number[],
  pieces: readonly Chunk[],
): StoredTensor {
  const total = sumBytes(pieces);
  // Up to 2.2 a scalar was [0]; since then [0] with no content is a tensor without elements (mindspore-formats §1.3).
  const shape = dims.length === 1 && dims[0] === 0 && total > 0 ? [] : dims;
  const count = elementCount(shape);
  for (const storedAs of storedTypes(dtype)) {
    const bytes = count * elementBytes(storedAs);
    // Neighbours that are each complete are repetitions, as upstream's writer makes them of a dict with Tensor values
    // (real-mindspore §4.1 #7). Its reader takes the first.
    const kept = total === bytes ? pieces : pieces.every((piece) => piece.bytes === bytes) ? pieces.slice(0, 1) : [];
    if (kept.length === 0) continue;
    const chunks = kept.filter((piece) => piece.bytes > 0);
    return { dtype, shape, chunks, bytes: count * elementBytes(dtype), storedAs };
  }
  const message = `${frame.name} at byte ${frame.byte} is ${dtype}[${dims}] but has ${total} bytes of content`;
  throw new CkptError('size-mismatch', `${message}; the file is damaged: use another copy`, place(frame));
}

/** bfloat16 is also found as float32: MindSpore 2.2 wrote it so (mindspore-formats §1.2). */
function storedTypes(dtype: ElementType): readonly ElementType[] {
  return dtype === 'BFloat16' ? ['BFloat16', 'Float32'] : [dtype];
}

function sumBytes(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { bytes }) => sum + bytes, 0);
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function describe({ type, dims }: TensorPiece): string {
  return `${type}[${dims}]`;
}

function unknownType(frame: Frame, type: string): CkptError {
  const message = `${frame.name} at byte ${frame.byte} has the type ${JSON.stringify(type)}, which is not read`;
  return new CkptError('unknown-dtype', `${message}; save it as another type`, place(frame));
}

function disagree(frame: Frame, how: string): CkptError {
  const message = `byte ${frame.byte}: ${frame.name} stands twice in a row and differs: ${how}; the file is damaged`;
  return new CkptError('malformed', message, place(frame));
}

function place(frame: Frame): { byte: number; tensor: string } {
  return { byte: frame.byte, tensor: frame.name };
}
