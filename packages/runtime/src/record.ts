import fs from 'node:fs';
import path from 'node:path';
import { encodeEvent } from '@cairn/events';
import type { EventBody, TrainingEvent } from '@cairn/events';
import { guarded } from '@cairn/storage';

/** Name of the record in the output folder. */
export const RECORD_FILE: string = 'events.ndjson';

const NEWLINE = 0x0a;

/** The record of a run: every event, numbered and dated, is in the file before anybody else sees it. */
export class RunRecord {
  readonly runId: string;
  readonly #file: string;
  readonly #descriptor: number | null;
  #next = 0;
  readonly #rankNext = new Map<number, number>();

  /**
   * Appends to the record of the folder; a run that is resumed there goes on in it under its own id.
   *
   * @param outputFolder null = events are numbered, but not written: another rank does that
   */
  constructor(outputFolder: string | null, runId: string) {
    this.runId = runId;
    this.#file = path.join(outputFolder ?? '', RECORD_FILE);
    if (outputFolder === null) {
      this.#descriptor = null;
      return;
    }
    this.#descriptor = guarded(this.#file, () => {
      fs.mkdirSync(outputFolder, { recursive: true });
      const descriptor = fs.openSync(this.#file, 'a+', 0o640);
      endLine(descriptor);
      return descriptor;
    });
  }

  /** Numbers and dates an event. */
  event(body: EventBody, rank: number | null = null, atMs: number = Date.now()): TrainingEvent {
    const ranked = rank === null ? {} : { rank, rankSeq: this.#rankNext.get(rank) ?? 0 };
    if (rank !== null) this.#rankNext.set(rank, (this.#rankNext.get(rank) ?? 0) + 1);
    return { runId: this.runId, seq: this.#next++, atMs, ...ranked, ...body };
  }

  /** @throws StorageError */
  write(event: TrainingEvent): void {
    const descriptor = this.#descriptor;
    if (descriptor !== null) guarded(this.#file, () => fs.writeFileSync(descriptor, `${encodeEvent(event)}\n`));
  }

  close(): void {
    if (this.#descriptor !== null) fs.closeSync(this.#descriptor);
  }
}

/** A record whose writer was cut off within a line goes on in the next one. */
function endLine(descriptor: number): void {
  const { size } = fs.fstatSync(descriptor);
  const last = new Uint8Array(1);
  if (size > 0 && fs.readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE) {
    fs.writeSync(descriptor, '\n');
  }
}
