import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

/** The file of a rank in shared memory, as its peers find it. */
export interface SharedFileName {
  readonly pid: number;
  readonly descriptor: number;
  /** What the file begins with: another process of that number has another file. */
  readonly mark: string;
}

/** A file without a name: it is gone with the last process that has it open, however that ends (open(2)). */
const NAMELESS = 0o20000000 | fs.constants.O_DIRECTORY;

/** Slots begin at multiples of a page. */
const PAGE_BYTES = 4096;

/** Memory that the ranks of one host share: this rank writes messages into it, its peers read them. */
export class SharedFile {
  readonly name: SharedFileName;
  /** Begin and end of what is not in use, in order; the last one ends where the capacity does. */
  readonly #free: { begin: number; end: number }[];
  readonly #slots = new Map<number, { readonly end: number; readers: number }>();

  private constructor(name: SharedFileName, capacityBytes: number) {
    this.name = name;
    this.#free = [{ begin: PAGE_BYTES, end: PAGE_BYTES + capacityBytes }];
  }

  /** @returns null where the folder does not have files of this kind: the system or the file system has none */
  static create(folder: string, capacityBytes: number): SharedFile | null {
    try {
      const descriptor = fs.openSync(folder, fs.constants.O_RDWR | NAMELESS, 0o600);
      const mark = randomBytes(16).toString('hex');
      fs.writeSync(descriptor, mark);
      return new SharedFile({ pid: process.pid, descriptor, mark }, capacityBytes);
    } catch (error) {
      if (error instanceof Error && 'code' in error) return null;
      throw error;
    }
  }

  /**
   * Writes a message for some readers.
   *
   * @returns where it begins; null when there is no room for it
   */
  write(bytes: Uint8Array, readers: number): number | null {
    const length = Math.ceil(bytes.length / PAGE_BYTES) * PAGE_BYTES;
    const extent = this.#free.find(({ begin, end }) => end - begin >= length);
    if (extent === undefined || !this.#fits(bytes, extent.begin)) return null;
    const slot = extent.begin;
    extent.begin += length;
    if (extent.begin === extent.end) this.#free.splice(this.#free.indexOf(extent), 1);
    this.#slots.set(slot, { end: slot + length, readers });
    return slot;
  }

  /** One reader of a slot is done; when all are, its room is free again. */
  release(slotByte: number): void {
    const slot = this.#slots.get(slotByte);
    if (slot === undefined || --slot.readers > 0) return;
    this.#slots.delete(slotByte);
    const next = this.#free.findIndex(({ begin }) => begin > slotByte);
    const at = next < 0 ? this.#free.length : next;
    this.#free.splice(at, 0, { begin: slotByte, end: slot.end });
    this.#join(at);
    this.#join(at - 1);
  }

  close(): void {
    fs.closeSync(this.name.descriptor);
  }

  /** Makes one of two free extents that touch. */
  #join(at: number): void {
    const [first, second] = [this.#free[at], this.#free[at + 1]];
    if (first === undefined || second === undefined || first.end !== second.begin) return;
    first.end = second.end;
    this.#free.splice(at + 1, 1);
  }

  #fits(bytes: Uint8Array, at: number): boolean {
    try {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(this.name.descriptor, bytes, done, bytes.length - done, at + done);
      }
      return true;
    } catch (error) {
      // The memory is full of something else, though the capacity is not used up.
      if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
      throw error;
    }
  }
}

/** How many bytes each of some ranks may have in the memory of a folder: together half of what is free. */
export function shareOfMemory(folder: string, ranks: number): number {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return Math.floor((bavail * bsize) / 2 / ranks / PAGE_BYTES) * PAGE_BYTES;
  } catch {
    return 0;
  }
}

/**
 * Opens a peer's file for reading.
 *
 * @returns its descriptor; null when it is not there: the peer is on another host, or does not let us
 */
export function openPeerFile({ pid, descriptor, mark }: SharedFileName): number | null {
  let opened: number | null = null;
  try {
    opened = fs.openSync(`/proc/${pid}/fd/${descriptor}`, 'r');
    const found = new Uint8Array(mark.length);
    fs.readSync(opened, found, 0, found.length, 0);
    if (new TextDecoder().decode(found) === mark) return opened;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
  if (opened !== null) fs.closeSync(opened);
  return null;
}

/** Reads bytes of a peer's file. */
export function readPeerFile(descriptor: number, into: Uint8Array, atByte: number): void {
  for (let done = 0; done < into.length;) {
    const read = fs.readSync(descriptor, into, done, into.length - done, atByte + done);
    if (read === 0) throw new RangeError(`the shared file of a rank ends at byte ${atByte + done}`);
    done += read;
  }
}
