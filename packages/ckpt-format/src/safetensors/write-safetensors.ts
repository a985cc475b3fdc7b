import type { ByteSink } from '@cairn/bytes';
import { crc32 } from '@cairn/bytes';
import { AppendWriter } from '../append-writer.ts';
import { CkptError } from '../ckpt-error.ts';
import { contentPieces } from '../content-pieces.ts';
import { isEncrypting } from '../encryption/encrypting.ts';
import type { EntryToWrite, TensorToWrite } from '../entry-to-write.ts';
import type { FileLayout } from '../file-layout.ts';
import { metadataOf } from '../metadata.ts';
import { encodeUtf8 } from '../utf8.ts';
import { byCodePoints } from './code-point-order.ts';
import { CRC_KEY, LENGTH_BYTES } from './index-safetensors.ts';
import { layoutSafetensors } from './layout-safetensors.ts';

/** Digits of the largest CRC-32. */
const CRC_DIGITS = 10;

type Metadata = Readonly<Record<string, string>>;

/** How a safetensors file is written. */
export interface WriteSafetensorsOptions {
  /** Texts for `__metadata__`, as for {@link layoutSafetensors}. A `crc_num` among them, of another file, is left out. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Adds `crc_num`. It stands in front of the file and runs over the contents in the order of names, so contents are
   * then written in that order and the header last: the sink must take writes in any order.
   */
  readonly crc?: boolean;
}

/**
 * Writes a safetensors file as MindSpore 2.7 and later do; without `crc`, bytes go to the sink in ascending order.
 *
 * @param entries in any order; streams are read once, one at a time
 * @returns the size of the file
 * @throws CkptError `empty`, `duplicate`, `limit`, `unwritable` before anything is written; `size-mismatch` when a
 *         content is not as long as shape and dtype need
 */
export async function writeSafetensors(
  sink: ByteSink,
  entries: readonly EntryToWrite[],
  options: WriteSafetensorsOptions = {},
): Promise<{ readonly bytes: number }> {
  if (isEncrypting(sink)) throw new CkptError('unwritable', 'MindSpore encrypts .ckpt only: write one, or no key');
  const given = Object.entries(options.metadata ?? {}).filter(([key]) => key !== CRC_KEY);
  const metadata = metadataOf(given);
  return options.crc === true ? writeWithCrc(sink, entries, metadata) : writeAscending(sink, entries, metadata);
}

async function writeAscending(
  sink: ByteSink,
  entries: readonly EntryToWrite[],
  metadata: Metadata,
): Promise<{ readonly bytes: number }> {
  const layout = layoutSafetensors(entries, { metadata });
  const out = new AppendWriter(sink);
  await out.append(layout.head);
  for (const { tensor, bytes } of placed(layout, entries)) {
    for await (const piece of contentPieces(tensor, bytes)) await out.append(piece);
  }
  await out.flush();
  return { bytes: out.bytes };
}

async function writeWithCrc(
  sink: ByteSink,
  entries: readonly EntryToWrite[],
  metadata: Metadata,
): Promise<{ readonly bytes: number }> {
  const layoutFor = (crc: string): FileLayout =>
    layoutSafetensors(entries, { metadata: { ...metadata, [CRC_KEY]: crc } });
  const layout = layoutFor('0'.repeat(CRC_DIGITS));
  let crc = 0;
  for (const { tensor, offset, bytes } of placed(layout, entries).sort(byName)) {
    crc = crc32(encodeUtf8(tensor.name), crc);
    let at = offset;
    for await (const piece of contentPieces(tensor, bytes)) {
      crc = crc32(piece, crc);
      await sink.write(at, piece);
      at += piece.length;
    }
  }
  await sink.write(0, paddedHead(layoutFor(String(crc)).head, layout.head.length));
  return { bytes: layout.bytes };
}

/** A CRC of fewer digits makes a shorter header; spaces may follow it. */
function paddedHead(head: Uint8Array, bytes: number): Uint8Array {
  const padded = new Uint8Array(bytes).fill(0x20);
  padded.set(head);
  new DataView(padded.buffer).setBigUint64(0, BigInt(bytes - LENGTH_BYTES), true);
  return padded;
}

interface PlacedContent {
  readonly tensor: TensorToWrite;
  readonly offset: number;
  readonly bytes: number;
}

/** The tensors in the order of the file, with their places. */
function placed(layout: FileLayout, entries: readonly EntryToWrite[]): PlacedContent[] {
  const given = new Map(entries.map((entry) => [entry.name, entry]));
  return layout.entries.flatMap(({ name, bytes, parts }) => {
    const tensor = given.get(name);
    // The layout has refused texts, and has one part a tensor.
    return tensor?.kind === 'tensor' ? [{ tensor, offset: parts[0]!.offset, bytes }] : [];
  });
}

function byName(a: PlacedContent, b: PlacedContent): number {
  return byCodePoints(a.tensor.name, b.tensor.name);
}
