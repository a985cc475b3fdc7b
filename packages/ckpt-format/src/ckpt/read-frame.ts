import type { ByteWindow } from '../byte-window.ts';
import type { Chunk } from '../checkpoint-index.ts';
import { CkptError } from '../ckpt-error.ts';
import { MAX_AXES, MAX_NAME_BYTES, MAX_TEXT_BYTES } from '../limits.ts';
import type { Steps } from '../steps.ts';
import { decodeUtf8 } from '../utf8.ts';
import type { Field } from './protobuf.ts';
import { expectWire, FieldWalk, MAX_VARINT_BYTES, messageIn, varintAt, WIRE_BYTES, WIRE_VARINT } from './protobuf.ts';

/** Fields of Checkpoint.Value and TensorProto (docs/formats/ckpt.md). */
const VALUE_TAG = 1;
const VALUE_TENSOR = 2;
const VALUE_MAP = 3;
const MAP_TENSOR = 1;
const TENSOR_DIMS = 1;
const TENSOR_TYPE = 2;
const TENSOR_CONTENT = 3;

/** Keys, values, status. */
const MAP_TENSORS = 3;
const TEXT_TYPE = 'str';
/** Longer than every type name there is. */
const MAX_TYPE_BYTES = 64;

/** A TensorProto: one piece of a tensor, with the shape and type of the whole. */
export interface TensorPiece {
  readonly dims: readonly number[];
  /** MindSpore's type name, or numpy's inside a map. */
  readonly type: string;
  readonly content: Chunk;
}

interface Tagged {
  readonly name: string;
  /** Where the entry begins in the file. */
  readonly byte: number;
}

/** One entry of the file: the unit MindSpore writes. Neighbours of one name belong together. */
export type Frame =
  | (Tagged & { readonly kind: 'tensor'; readonly piece: TensorPiece })
  | (Tagged & { readonly kind: 'text'; readonly content: Uint8Array })
  | (Tagged & { readonly kind: 'map'; readonly pieces: readonly [TensorPiece, TensorPiece, TensorPiece] });

/**
 * Reads the heads of one entry; contents of tensors are skipped, texts are read.
 *
 * Fields may come in any order, unknown ones are skipped, dims may be packed. Each known field once:
 * a second one is damage, not a new version of the format.
 */
export function* readFrame(window: ByteWindow, entry: Field): Steps<Frame> {
  const byte = entry.at;
  let name: string | undefined;
  let value: TensorPiece | readonly TensorPiece[] | undefined;
  const walk = new FieldWalk(window, messageIn(entry));
  for (let field = yield* walk.next(); field !== undefined; field = yield* walk.next()) {
    if (field.number === VALUE_TAG) name = yield* shortText(window, once(field, name), MAX_NAME_BYTES, 'name');
    if (field.number === VALUE_TENSOR) value = yield* readTensorProto(window, once(field, value));
    if (field.number === VALUE_MAP) value = yield* readMap(window, once(field, value));
  }
  if (name === undefined) throw damaged(byte, 'the entry has no name');
  if (value === undefined) throw damaged(byte, `entry ${name} has no tensor`, name);
  if (!('type' in value)) return { kind: 'map', name, byte, pieces: threeOf(value, name, byte) };
  if (value.type !== TEXT_TYPE) return { kind: 'tensor', name, byte, piece: value };
  return { kind: 'text', name, byte, content: yield* readText(window, name, value.content) };
}

function* readTensorProto(window: ByteWindow, message: Field): Steps<TensorPiece> {
  const dims: number[] = [];
  let type: string | undefined;
  let content: Chunk | undefined;
  const walk = new FieldWalk(window, messageIn(message));
  for (let field = yield* walk.next(); field !== undefined; field = yield* walk.next()) {
    if (field.number === TENSOR_DIMS) yield* readDims(window, field, dims);
    if (field.number === TENSOR_TYPE) type = yield* shortText(window, once(field, type), MAX_TYPE_BYTES, 'type');
    if (field.number === TENSOR_CONTENT) {
      const { begin, end } = once(field, content);
      content = { offset: begin, bytes: end - begin };
    }
  }
  if (type === undefined) throw damaged(message.at, 'the tensor has no type');
  if (content === undefined) throw damaged(message.at, 'the tensor has no content');
  return { dims, type, content };
}

function* readMap(window: ByteWindow, message: Field): Steps<TensorPiece[]> {
  const pieces: TensorPiece[] = [];
  const walk = new FieldWalk(window, messageIn(message));
  for (let field = yield* walk.next(); field !== undefined; field = yield* walk.next()) {
    if (field.number === MAP_TENSOR) pieces.push(yield* readTensorProto(window, expectWire(field, WIRE_BYTES)));
  }
  return pieces;
}

function threeOf(
  pieces: readonly TensorPiece[],
  name: string,
  byte: number,
): readonly [TensorPiece, TensorPiece, TensorPiece] {
  const [keys, values, status, ...more] = pieces;
  if (keys !== undefined && values !== undefined && status !== undefined && more.length === 0) {
    return [keys, values, status];
  }
  throw damaged(byte, `map ${name} has not ${MAP_TENSORS} tensors`, name);
}

/** Appends one axis (as MindSpore writes them) or several packed ones. */
function* readDims(window: ByteWindow, field: Field, dims: number[]): Steps<void> {
  if (field.wire !== WIRE_VARINT) expectWire(field, WIRE_BYTES);
  if (field.end - field.begin > MAX_AXES * MAX_VARINT_BYTES) throw limit(field.at, `more than ${MAX_AXES} axes`);
  yield* window.reach(field.begin, field.end - field.begin);
  for (let at = field.begin; at < field.end;) {
    const { value, end } = varintAt(window, at, messageIn(field));
    if (!Number.isSafeInteger(value)) throw damaged(at, 'an axis is negative or beyond 2^53');
    if (dims.length === MAX_AXES) throw limit(at, `more than ${MAX_AXES} axes`);
    dims.push(value);
    at = end;
  }
}

function* shortText(window: ByteWindow, field: Field, maxBytes: number, what: string): Steps<string> {
  const length = field.end - field.begin;
  if (length > maxBytes) throw limit(field.at, `a ${what} of ${length} bytes, more than ${maxBytes}`);
  const text = decodeUtf8(yield* window.bytes(field.begin, length));
  if (text === undefined) throw damaged(field.at, `a ${what} that is not UTF-8`);
  return text;
}

function* readText(window: ByteWindow, name: string, { offset, bytes }: Chunk): Steps<Uint8Array> {
  if (bytes > MAX_TEXT_BYTES) throw limit(offset, `text ${name} of ${bytes} bytes, more than ${MAX_TEXT_BYTES}`, name);
  return (yield* window.bytes(offset, bytes)).slice();
}

/** A length-delimited field that was not there before. */
function once(field: Field, before: unknown): Field {
  if (before !== undefined) throw damaged(field.at, `field ${field.number} stands twice`);
  return expectWire(field, WIRE_BYTES);
}

function damaged(byte: number, what: string, tensor?: string): CkptError {
  return new CkptError('malformed', `byte ${byte}: ${what}; the file is damaged`, placeOf(byte, tensor));
}

function limit(byte: number, what: string, tensor?: string): CkptError {
  return new CkptError(
    'limit',
    `byte ${byte}: ${what}; the file is damaged or not a checkpoint`,
    placeOf(byte, tensor),
  );
}

function placeOf(byte: number, tensor: string | undefined): { byte: number; tensor?: string } {
  return tensor === undefined ? { byte } : { byte, tensor };
}
