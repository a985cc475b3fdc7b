import type { ByteSource } from '@cairn/bytes';
import type { Steps } from '../steps.ts';
import { fill } from '../steps.ts';

/** "crc_num", ASCII. */
const MARK = Uint8Array.of(0x63, 0x72, 0x63, 0x5f, 0x6e, 0x75, 0x6d);
/** The CRC as a big-endian number. */
const NUMBER_BYTES = 10;
/** The trailer of a `.ckpt` (docs/formats/ckpt.md). */
export const TRAILER_BYTES: number = MARK.length + NUMBER_BYTES;

/** The trailer for a CRC-32 over everything before it. */
export function crcTrailer(crc: number): Uint8Array {
  const trailer = new Uint8Array(TRAILER_BYTES);
  trailer.set(MARK);
  new DataView(trailer.buffer).setUint32(TRAILER_BYTES - 4, crc);
  return trailer;
}

/**
 * Looks for the trailer. What looks like one is never taken for entries, as in MindSpore (mindspore-formats §1.6).
 *
 * @returns the number stored, null when there is no trailer, and where the entries end. A damaged number may be any
 *          up to 2^80, and then equals no CRC.
 */
export function* readTrailer(source: ByteSource): Steps<{ readonly crc: number | null; readonly dataEnd: number }> {
  const dataEnd = source.size - TRAILER_BYTES;
  if (dataEnd < 0) return { crc: null, dataEnd: source.size };
  const trailer = new Uint8Array(TRAILER_BYTES);
  yield* fill(source, dataEnd, trailer);
  if (!beginsTrailer(trailer)) return { crc: null, dataEnd: source.size };
  return { crc: trailer.subarray(MARK.length).reduce((value, byte) => value * 256 + byte, 0), dataEnd };
}

/** Whether bytes are the beginning of a trailer, or begin with its mark. */
export function beginsTrailer(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte, i) => i >= MARK.length || byte === MARK[i]);
}
