import { checkEntries, contentBytes } from '../check-entries.ts';
import { CkptError } from '../ckpt-error.ts';
import type { EntrySpec, TensorSpec } from '../entry-to-write.ts';
import type { EntryLayout, FileLayout } from '../file-layout.ts';
import { MAX_HEADER_BYTES } from '../limits.ts';
import { encodeUtf8, isWellFormed } from '../utf8.ts';
import { byCodePoints } from './code-point-order.ts';
import { INT4_MARK, storedName } from './dtype.ts';
import { LENGTH_BYTES } from './index-safetensors.ts';
import { METADATA_KEY } from './read-header.ts';

/** The header is filled up with spaces to a multiple of this (docs/formats/safetensors.md). */
const ALIGNMENT_BYTES = 8;

/** What stands in the header beside the tensors. */
export interface LayoutSafetensorsOptions {
  /** Texts for `__metadata__` beside `format: ms`, which MindSpore writes, and the marks of `Int4` tensors. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The places of all bytes of a safetensors file: tensors by falling rank of their type, then by name, as the library
 * that MindSpore calls lays them out (docs/formats/safetensors.md).
 *
 * @throws CkptError `empty`, `duplicate`, `limit`, `unwritable` (texts, `__metadata__` as a name, a metadata key that
 *         is needed for an Int4 mark)
 */
export function layoutSafetensors(entries: readonly EntrySpec[], options: LayoutSafetensorsOptions = {}): FileLayout {
  checkEntries(entries);
  const tensors = entries.map(onlyTensor).sort(byRankAndName);
  const head = encodeHead(tensors, metadataFor(tensors, options.metadata));
  let at = head.length;
  const placed = tensors.map((tensor): EntryLayout => {
    const bytes = contentBytes(tensor);
    const part = { header: new Uint8Array(0), headerOffset: at, offset: at, bytes, tensorOffset: 0 };
    at += bytes;
    return { name: tensor.name, bytes, parts: [part] };
  });
  return { format: 'safetensors', bytes: at, head, entries: placed };
}

function onlyTensor(entry: EntrySpec): TensorSpec {
  if (entry.kind === 'tensor' && entry.name !== METADATA_KEY) return entry;
  const why = entry.kind === 'text' ? 'it is a text' : 'the name has another meaning there';
  const message = `${entry.name} cannot be in a safetensors file: ${why}; write a .ckpt, or leave it out`;
  throw new CkptError('unwritable', message, { tensor: entry.name });
}

function byRankAndName(a: TensorSpec, b: TensorSpec): number {
  return storedName(a.dtype).rank - storedName(b.dtype).rank || byCodePoints(a.name, b.name);
}

function metadataFor(
  tensors: readonly TensorSpec[],
  given: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  const metadata = new Map([['format', 'ms'], ...Object.entries(given)]);
  for (const [key, value] of metadata) {
    if (isWellFormed(key) && isWellFormed(value)) continue;
    throw new CkptError('unwritable', `metadata ${JSON.stringify(key)} with half a surrogate pair has no UTF-8`);
  }
  for (const { name, dtype } of tensors) {
    const marked = metadata.get(name) === INT4_MARK;
    if (dtype === 'Int8' ? marked : dtype === 'Int4' && metadata.has(name) && !marked) {
      const message = `${name} is ${dtype}, and the metadata of that name says ${metadata.get(name)}; rename one`;
      throw new CkptError('unwritable', message, { tensor: name });
    }
    if (dtype === 'Int4') metadata.set(name, INT4_MARK);
  }
  return metadata;
}

function encodeHead(tensors: readonly TensorSpec[], metadata: ReadonlyMap<string, string>): Uint8Array {
  const pairs = Array.from(metadata, ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  let begin = 0;
  const infos = tensors.map((tensor) => {
    const end = begin + contentBytes(tensor);
    const info = { dtype: storedName(tensor.dtype).name, shape: tensor.shape, data_offsets: [begin, end] };
    begin = end;
    return `${JSON.stringify(tensor.name)}:${JSON.stringify(info)}`;
  });
  const json = encodeUtf8(`{${[`"${METADATA_KEY}":{${pairs.join()}}`, ...infos].join()}}`);
  const headerBytes = Math.ceil(json.length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new CkptError('limit', `a header of ${headerBytes} bytes, more than ${MAX_HEADER_BYTES}: write two files`);
  }
  const head = new Uint8Array(LENGTH_BYTES + headerBytes).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, LENGTH_BYTES);
  return head;
}
