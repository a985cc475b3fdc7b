import type { ByteSource } from '@cairn/bytes';
import { ByteWindow } from '../byte-window.ts';
import { readTrailer } from '../ckpt/crc-trailer.ts';
import { indexFrom } from '../ckpt/index-ckpt.ts';
import { isCkptError } from '../ckpt-error.ts';
import { fill, runSteps } from '../steps.ts';
import type { CheckpointPosition } from './read-position.ts';
import { readPosition } from './read-position.ts';

/** The last entries of a `.ckpt` are its bookkeeping numbers (mindformers-behaviour §1.4), of some 40 bytes each. */
const TAIL_BYTES = 1024;
/** In front of an entry's name: its own tag and length, and those of the name. */
const HEAD_BYTES = 4;
const FIRST_NAMES = ['epoch_num', 'step_num'];

/**
 * The position that the end of a `.ckpt` tells, without walking the entries in front: for looking through many files.
 * The entries from the first bookkeeping number on must be sound and end with the file; what lies before is not looked
 * at.
 *
 * @returns null when the end does not tell it: the whole file has to be looked through
 */
export async function positionAtEnd(source: ByteSource): Promise<CheckpointPosition | null> {
  try {
    const tail = await tailOf(source);
    const { dataEnd } = await runSteps(readTrailer(tail));
    const begin = bookkeepingBegin(tail, dataEnd);
    if (begin === null) return null;
    const position = await readPosition(tail, await runSteps(indexFrom(tail, new ByteWindow(tail, dataEnd), begin)));
    return position.step === null ? null : position;
  } catch (error) {
    if (!isCkptError(error)) throw error;
    return null;
  }
}

/** The end of a source in memory, at its own offsets. */
interface Tail extends ByteSource {
  /** Where `bytes` begin in the source. */
  readonly begin: number;
  readonly bytes: Uint8Array;
}

async function tailOf(source: ByteSource): Promise<Tail> {
  const { size } = source;
  const begin = Math.max(0, size - TAIL_BYTES);
  const bytes = new Uint8Array(size - begin);
  await runSteps(fill(source, begin, bytes));
  const read = (offset: number, into: Uint8Array): number => {
    const part = bytes.subarray(offset - begin, offset - begin + into.length);
    into.set(part);
    return part.length;
  };
  return { begin, bytes, size, read };
}

/** Where the first entry with a name of bookkeeping begins; null when there is none. */
function bookkeepingBegin({ begin, bytes }: Tail, dataEnd: number): number | null {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, dataEnd - begin));
  const found = FIRST_NAMES.map((name) => text.indexOf(name)).filter((at) => at >= HEAD_BYTES);
  return found.length === 0 ? null : begin + Math.min(...found) - HEAD_BYTES;
}
