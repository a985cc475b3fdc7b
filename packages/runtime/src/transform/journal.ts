import fs from 'node:fs';
import type { StoredDigest } from '@cairn/ckpt-format/folder';
import { guarded } from '@cairn/storage';

/** An entry of a destination file that has been written. */
export interface JournalEntry {
  readonly name: string;
  /** Null for a text. */
  readonly digest: StoredDigest | null;
}

/**
 * What has been written of a destination file: a line for what it is made from, then one for every batch of entries that
 * have reached the part file. A line that was cut off counts for nothing.
 */
export class Journal {
  readonly #file: string;
  readonly #id: string;
  #descriptor: number | null = null;

  /**
   * @param part path of the part file
   * @param id   of the planned file: entries written for another plan are of no use
   */
  constructor(part: string, id: string) {
    this.#file = `${part}.journal`;
    this.#id = id;
  }

  /** Entries that were written by an earlier process for the same plan, in the order of the file. */
  read(): readonly JournalEntry[] {
    if (!fs.existsSync(this.#file)) return [];
    const lines = guarded(this.#file, () => fs.readFileSync(this.#file, 'utf8')).split('\n');
    const [first, ...batches] = lines.slice(0, -1).map(parsed);
    if (!Array.isArray(first) || first[0] !== this.#id) return [];
    const entries: JournalEntry[] = [];
    for (const batch of batches) {
      if (!Array.isArray(batch)) return entries;
      // Written below; what does not fit the part file is found by its digests.
      entries.push(...(batch as JournalEntry[]));
    }
    return entries;
  }

  /** Begins anew, with entries that are known to be whole. */
  begin(entries: readonly JournalEntry[]): void {
    this.#descriptor = guarded(this.#file, () => fs.openSync(this.#file, 'w'));
    this.#line([this.#id]);
    if (entries.length > 0) this.add(entries);
  }

  add(entries: readonly JournalEntry[]): void {
    this.#line(entries);
  }

  close(): void {
    if (this.#descriptor !== null) fs.closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  remove(): void {
    this.close();
    guarded(this.#file, () => fs.rmSync(this.#file, { force: true }));
  }

  #line(value: readonly unknown[]): void {
    const descriptor = this.#descriptor;
    if (descriptor !== null) guarded(this.#file, () => fs.writeSync(descriptor, `${JSON.stringify(value)}\n`));
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
