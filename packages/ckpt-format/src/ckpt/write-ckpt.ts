import type { ByteSink } from '@cairn/bytes';
import { AppendWriter } from '../append-writer.ts';
import { CkptError } from '../ckpt-error.ts';
import { contentPieces } from '../content-pieces.ts';
import { isEncrypting } from '../encryption/encrypting.ts';
import type { EntryToWrite, TensorToWrite } from '../entry-to-write.ts';
import type { EntryLayout } from '../file-layout.ts';
import { crcTrailer } from './crc-trailer.ts';
import { layoutCkpt } from './layout-ckpt.ts';

/** How a `.ckpt` is written. */
export interface WriteCkptOptions {
  /** Appends the CRC trailer (`crc_check`); not together with encryption. */
  readonly crc?: boolean;
}

/**
 * Writes a `.ckpt` as MindSpore 2.3 and later do; bytes go to the sink in ascending order.
 *
 * @param entries in the order of the file; streams are read once, one at a time
 * @returns the size of the file
 * @throws CkptError `empty`, `duplicate`, `limit`, `unwritable` before anything is written; `size-mismatch` when a
 *         content is not as long as shape and dtype need
 */
export async function writeCkpt(
  sink: ByteSink,
  entries: readonly EntryToWrite[],
  options: WriteCkptOptions = {},
): Promise<{ readonly bytes: number }> {
  if (options.crc === true && isEncrypting(sink)) {
    throw new CkptError('unwritable', 'an encrypted .ckpt with a CRC cannot be read by MindSpore: leave one out');
  }
  const layout = layoutCkpt(entries);
  const out = new AppendWriter(sink, options.crc);
  for (const [i, place] of layout.entries.entries()) await writeEntry(out, entries[i]!, place);
  if (options.crc === true) await out.append(crcTrailer(out.crc));
  await out.flush();
  return { bytes: out.bytes };
}

async function writeEntry(out: AppendWriter, entry: EntryToWrite, place: EntryLayout): Promise<void> {
  if (entry.kind === 'tensor') return writeTensor(out, entry, place);
  for (const { header } of place.parts) await out.append(header);
}

async function writeTensor(out: AppendWriter, tensor: TensorToWrite, { parts, bytes }: EntryLayout): Promise<void> {
  let begun = 0;
  const beginPart = async (): Promise<number> => {
    // There is one: contentPieces gives no more than all parts take.
    const part = parts[begun++]!;
    await out.append(part.header);
    return part.bytes;
  };
  let left = await beginPart();
  for await (const piece of contentPieces(tensor, bytes)) {
    for (let at = 0; at < piece.length;) {
      if (left === 0) left = await beginPart();
      const fitting = piece.subarray(at, at + left);
      await out.append(fitting);
      at += fitting.length;
      left -= fitting.length;
    }
  }
}
