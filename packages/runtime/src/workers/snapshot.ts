import { elementBytes, elementCount } from '@cairn/bytes';
import type { SaveContents, SavedEntry } from '../rank/checkpoint-entries.ts';

/** An entry whose content lies in a buffer that threads share. */
interface StagedEntry extends Omit<SavedEntry, 'content'> {
  readonly at: number;
  readonly bytes: number;
}

/** The contents of a save as they can be sent to a thread. */
export interface StagedContents {
  readonly buffer: SharedArrayBuffer;
  readonly entries: readonly StagedEntry[];
  readonly weights: readonly StagedEntry[];
}

/** A buffer for copies of what saves take from the state; the same one for every save of a run. */
export class Snapshot {
  readonly #buffer: SharedArrayBuffer;

  /** @param bytes what `savedBytes` says of the state */
  constructor(bytes: number) {
    this.#buffer = new SharedArrayBuffer(bytes);
  }

  /** Copies the contents of a save; what was copied before is overwritten. */
  take({ entries, weights }: SaveContents): StagedContents {
    const places = new Map<string, StagedEntry>();
    let end = 0;
    const staged = ({ content, ...entry }: SavedEntry): StagedEntry => {
      const known = places.get(entry.name);
      if (known !== undefined) return known;
      const bytes = elementCount(entry.shape) * elementBytes(entry.dtype);
      const place = { ...entry, at: end, bytes };
      new Uint8Array(this.#buffer, end, bytes).set(content());
      places.set(entry.name, place);
      end += bytes;
      return place;
    };
    return { buffer: this.#buffer, entries: entries.map(staged), weights: weights.map(staged) };
  }
}

/** The contents of a save, as the thread that writes it sees them. */
export function stagedContents({ buffer, entries, weights }: StagedContents): SaveContents {
  const view = ({ at, bytes, ...entry }: StagedEntry): SavedEntry => ({
    ...entry,
    content: () => new Uint8Array(buffer, at, bytes),
  });
  return { entries: entries.map(view), weights: weights.map(view) };
}
