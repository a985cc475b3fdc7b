import type { ByteSource } from '@cairn/bytes';
import { ByteWindow } from '../byte-window.ts';
import { readTrailer } from '../ckpt/crc-trailer.ts';
import { indexFrom } from '../ckpt/index-ckpt.ts';
import { isCkptError } from '../ckpt-error.ts';
import type { Steps } from '../steps.ts';
import { fill, runSteps } from '../steps.ts';
import type { CheckpointPosition } from './read-position.ts';
import { readPosition } from './read-position.ts';

/** The last entries of a `.ckpt` are its bookkeeping numbers (mindformers-behaviour §1.4), of some 40 bytes each. */
const TAIL_BYTES = 1024;
/** In front of an entry's name: its own tag and length, and those of the name. */
const HEAD_BYTES = 4;
const FIRST_NAMES = ['epoch_num', 'step_num'].map((name) => Uint8Array.from(name, (char) => char.charCodeAt(0)));

/**
 * The position that the end of a `.ckpt` tells, without walking the entries in front: for looking through many files.
 * The entries from the first bookkeeping number on must be sound and end with the file; what lies before is not looked
 * at.
 *
 * @returns null when the end does not tell it: the whole file has to be looked through
 */
export async function positionAtEnd(source: ByteSource): Promise<CheckpointPosition | null> {
  try {
    const { dataEnd } = await runSteps(readTrailer(source));
    const begin = await runSteps(bookkeepingBegin(source, dataEnd));
    if (begin === null) return null;
    const position = await readPosition(
      source,
      await runSteps(indexFrom(source, new ByteWindow(source, dataEnd), begin)),
    );
    return position.step === null ? null : position;
  } catch (error) {
    if (!isCkptError(error)) throw error;
    return null;
  }
}

/** Where the first entry with a name of bookkeeping begins in the last bytes; null when there is none. */
function* bookkeepingBegin(source: ByteSource, dataEnd: number): Steps<number | null> {
  const begin = Math.max(0, dataEnd - TAIL_BYTES);
  const tail = new Uint8Array(dataEnd - begin);
  yield* fill(source, begin, tail);
  const found = FIRST_NAMES.map((name) => indexOf(tail, name)).filter((at) => at >= HEAD_BYTES);
  return found.length === 0 ? null : begin + Math.min(...found) - HEAD_BYTES;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = 0; at + wanted.length <= bytes.length; at++) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}
