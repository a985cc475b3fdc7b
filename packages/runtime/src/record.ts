import fs from 'node:fs';
import path from 'node:path';
import { encodeEvent } from '@cairn/events';
import type { EventBody, TrainingEvent } from '@cairn/events';
import { storageError } from '@cairn/storage';

/** Name of the record in the output folder. */
export const RECORD_FILE: string = 'events.ndjson';

/** The record of a run: every event, numbered and dated, is in the file before anybody else sees it. */
export class RunRecord {
  readonly runId: string;
  readonly #descriptor: number;
  #next = 0;
  readonly #rankNext = new Map<number, number>();

  /** Appends to the record of the folder; a run that is resumed there goes on in it under its own id. */
  constructor(outputFolder: string, runId: string) {
    this.runId = runId;
    const file = path.join(outputFolder, RECORD_FILE);
    try {
      fs.mkdirSync(outputFolder, { recursive: true });
      this.#descriptor = fs.openSync(file, 'a', 0o640);
    } catch (error) {
      throw storageError(error, file);
    }
  }

  /** @param rank of the event; null for one of the whole run */
  add(body: EventBody, rank: number | null = null): TrainingEvent {
    const ranked = rank === null ? {} : { rank, rankSeq: this.#rankNext.get(rank) ?? 0 };
    if (rank !== null) this.#rankNext.set(rank, (this.#rankNext.get(rank) ?? 0) + 1);
    const event: TrainingEvent = { runId: this.runId, seq: this.#next++, atMs: Date.now(), ...ranked, ...body };
    fs.writeSync(this.#descriptor, `${encodeEvent(event)}\n`);
    return event;
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}
