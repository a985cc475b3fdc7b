import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { ConfigInput } from '@cairn/config';
import type { RunFailed } from '@cairn/events';
import { failureOf, RECORD_FILE, run } from '@cairn/runtime';
import { BehaviorSubject, catchError, lastValueFrom, of, scan } from 'rxjs';
import type { Observable } from 'rxjs';
import type { RecordPlace } from './record-reader.ts';
import { NOT_STARTED, progressAfter } from './run-progress.ts';
import type { RunProgress } from './run-progress.ts';
import { statusOf } from './run-status.ts';
import type { RunOrigin, RunStatus } from './run-status.ts';

/** What is to be run. */
export interface RunOrder {
  readonly input: ConfigInput;
  /** Absolute path of the folder the run writes to. */
  readonly outputFolder: string;
}

/** A run this server started. It goes on whoever looks at it, and is remembered when it has ended. */
export class StartedRun {
  readonly origin: RunOrigin;
  readonly record: RecordPlace;
  readonly #stop = new AbortController();
  readonly #progress = new BehaviorSubject<RunProgress>(NOT_STARTED);

  constructor({ input, outputFolder }: RunOrder, cwd: string) {
    const runId = randomUUID();
    const file = path.join(outputFolder, RECORD_FILE);
    this.origin = { runId, config: input.name, outputFolder, startedAtMs: Date.now() };
    this.record = { runId, file, offsetBytes: fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0 };
    // The device blocks the event loop while it computes, so ranks are processes, whatever their number.
    run(input, { ranks: 'processes', runId, cwd, signal: this.#stop.signal })
      .pipe(
        catchError((error: unknown) => of(faultEvent(runId, this.latest.lastSeq + 1, error))),
        scan(progressAfter, NOT_STARTED),
      )
      .subscribe(this.#progress);
  }

  /** How far the run has come; completes when it has ended. */
  get progress(): Observable<RunProgress> {
    return this.#progress.asObservable();
  }

  get latest(): RunProgress {
    return this.#progress.value;
  }

  get status(): RunStatus {
    return statusOf(this.origin, this.latest, this.#stop.signal.aborted);
  }

  /** Asks the run to stop after the step under way; once is as good as twice. */
  stop(): void {
    this.#stop.abort();
  }

  /** Resolves when the run has ended and its process is gone. */
  async ended(): Promise<void> {
    await lastValueFrom(this.#progress, { defaultValue: this.latest });
  }
}

/** A fault of the program, which a run reports as an error of its stream, as the event that ends it. */
function faultEvent(runId: string, seq: number, error: unknown): RunFailed {
  const { code, exitCode, message, place } = failureOf(error);
  return {
    type: 'run-failed',
    runId,
    seq,
    atMs: Date.now(),
    code,
    exitCode,
    message,
    failedRank: place.rank ?? null,
    tensor: place.tensor ?? null,
    file: place.file ?? null,
    byte: place.byte ?? null,
  };
}
