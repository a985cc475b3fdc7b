import type { ByteSource } from '@cairn/bytes';
import type { CheckpointIndex } from '../checkpoint-index.ts';
import { CkptError } from '../ckpt-error.ts';
import { MAX_HEADER_BYTES } from '../limits.ts';
import { metadataOf } from '../metadata.ts';
import type { Steps } from '../steps.ts';
import { fill } from '../steps.ts';
import { decodeUtf8 } from '../utf8.ts';
import type { PlacedTensor } from './read-header.ts';
import { readHeader } from './read-header.ts';

/** The header's length, an unsigned little-endian number, stands in front of it (docs/formats/safetensors.md). */
export const LENGTH_BYTES = 8;
/** Metadata key of the CRC-32, a decimal number (mindspore-formats §2.2). */
export const CRC_KEY = 'crc_num';

/** Reads the header of a safetensors file and checks that it accounts for every byte of the data. */
export function* indexSafetensors(source: ByteSource): Steps<CheckpointIndex> {
  const headerBytes = yield* readHeaderBytes(source);
  const raw = new Uint8Array(headerBytes);
  yield* fill(source, LENGTH_BYTES, raw);
  const text = decodeUtf8(raw);
  if (text === undefined) throw damaged(LENGTH_BYTES, 'the header is not UTF-8');
  const dataBegin = LENGTH_BYTES + headerBytes;
  const { metadata, tensors } = readHeader(text, LENGTH_BYTES, dataBegin);
  if (tensors.length === 0) throw new CkptError('empty', `the file of ${source.size} bytes holds no tensor`);
  return {
    format: 'safetensors',
    entries: inDataOrder(tensors, dataBegin, source.size).map(({ entry }) => entry),
    metadata: metadataOf(metadata),
    crc: crcOf(metadata.get(CRC_KEY)),
    bytes: source.size,
    dataEnd: source.size,
    repeatedNames: [],
  };
}

function* readHeaderBytes(source: ByteSource): Steps<number> {
  if (source.size < LENGTH_BYTES) {
    throw new CkptError('truncated', `${source.size} bytes: a safetensors file has at least ${LENGTH_BYTES}`, {
      byte: source.size,
    });
  }
  const raw = new Uint8Array(LENGTH_BYTES);
  yield* fill(source, 0, raw);
  const length = Number(new DataView(raw.buffer).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    const message = `a header of ${length} bytes, more than ${MAX_HEADER_BYTES}; the file is damaged or no .safetensors`;
    throw new CkptError('limit', message, { byte: 0 });
  }
  if (length > source.size - LENGTH_BYTES) {
    const message = `the header reaches to byte ${LENGTH_BYTES + length}, the file ends at ${source.size}: it was cut`;
    throw new CkptError('truncated', message, { byte: 0 });
  }
  return length;
}

/** Sorts by place; together the tensors must cover the data once and to its end. */
function inDataOrder(tensors: readonly PlacedTensor[], dataBegin: number, dataEnd: number): readonly PlacedTensor[] {
  const sorted = [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = dataBegin;
  for (const { entry, begin, end } of sorted) {
    if (begin !== at) throw damaged(at, begin > at ? 'a gap between tensors' : 'tensors overlap', entry.name);
    at = end;
  }
  if (at > dataEnd) throw cutAt(sorted, dataEnd);
  if (at < dataEnd) throw damaged(at, `${dataEnd - at} bytes that belong to no tensor`);
  return sorted;
}

function cutAt(sorted: readonly PlacedTensor[], dataEnd: number): CkptError {
  const tensor = sorted.find(({ end }) => end > dataEnd)?.entry.name ?? '';
  return new CkptError('truncated', `the file ends at byte ${dataEnd}, inside ${tensor}: it was cut`, {
    byte: dataEnd,
    tensor,
  });
}

function crcOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d{1,20}$/.test(text)) throw damaged(LENGTH_BYTES, `${CRC_KEY} ${JSON.stringify(text)} is no number`);
  return Number(text);
}

function damaged(byte: number, what: string, tensor?: string): CkptError {
  const place = tensor === undefined ? { byte } : { byte, tensor };
  const where = tensor === undefined ? '' : ` at ${tensor}`;
  return new CkptError('malformed', `byte ${byte}${where}: ${what}; the file is damaged`, place);
}
