import { checkEntries, contentBytes } from '../check-entries.ts';
import type { EntrySpec, TensorSpec, TextToWrite } from '../entry-to-write.ts';
import type { EntryLayout, FileLayout, LayoutPart } from '../file-layout.ts';
import { encodeUtf8 } from '../utf8.ts';
import { encodeUtf32 } from './utf32.ts';

/** One entry holds at most this much content: MindSpore's writer cuts larger tensors (mindspore-formats §1.4). */
export const MAX_CHUNK_BYTES = 536_870_912;

/** Field number and wire type of the fields, as the byte they are in the file (docs/formats/ckpt.md). */
const VALUE = 0x0a;
const TAG = 0x0a;
const TENSOR = 0x12;
const DIM = 0x08;
const TYPE = 0x12;
const CONTENT = 0x1a;

/**
 * The places of all bytes of a `.ckpt` as MindSpore 2.3 and later write it (docs/formats/ckpt.md).
 *
 * A tensor whose shape holds a 0 gets an entry without content, as of the asynchronous writer; the synchronous one
 * leaves it out, and it would be lost (mindspore-formats §1.3).
 *
 * @throws CkptError `empty`, `duplicate`, `limit`, `unwritable`
 */
export function layoutCkpt(entries: readonly EntrySpec[]): FileLayout {
  checkEntries(entries);
  let at = 0;
  const placed = entries.map((entry) => {
    const layout = entry.kind === 'text' ? textLayout(entry, at) : tensorLayout(entry, at);
    const last = layout.parts.at(-1);
    at = last === undefined ? at : last.offset + last.bytes;
    return layout;
  });
  return { format: 'ckpt', bytes: at, head: new Uint8Array(0), entries: placed };
}

function textLayout({ name, text }: TextToWrite, at: number): EntryLayout {
  const content = encodeUtf32(text);
  const before = entryHeader(name, [0], 'str', content.length);
  const header = new Uint8Array(before.length + content.length);
  header.set(before);
  header.set(content, before.length);
  const part = { header, headerOffset: at, offset: at + header.length, bytes: 0, tensorOffset: 0 };
  return { name, bytes: 0, parts: [part] };
}

function tensorLayout(tensor: TensorSpec, begin: number): EntryLayout {
  const { name, shape, dtype } = tensor;
  const total = contentBytes(tensor);
  const parts: LayoutPart[] = [];
  let at = begin;
  let tensorOffset = 0;
  do {
    const bytes = Math.min(total - tensorOffset, MAX_CHUNK_BYTES);
    const header = entryHeader(name, shape, dtype, bytes);
    const offset = at + header.length;
    parts.push({ header, headerOffset: at, offset, bytes, tensorOffset });
    tensorOffset += bytes;
    at = offset + bytes;
  } while (tensorOffset < total);
  return { name, bytes: total, parts };
}

/** Everything of an entry that stands before its content. */
function entryHeader(name: string, dims: readonly number[], type: string, bytes: number): Uint8Array {
  const tag = [...encodeUtf8(name)];
  const typeName = [...encodeUtf8(type)];
  const tensor = dims.flatMap((size) => [DIM, ...varint(size)]);
  tensor.push(TYPE, ...varint(typeName.length), ...typeName, CONTENT, ...varint(bytes));
  const value = [TAG, ...varint(tag.length), ...tag, TENSOR, ...varint(tensor.length + bytes)];
  return Uint8Array.from([VALUE, ...varint(value.length + tensor.length + bytes), ...value, ...tensor]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}
