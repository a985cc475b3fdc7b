/** The program of a worker thread: writes the destination files it is given, one at a time, and says how it goes. */
import { parentPort, workerData } from 'node:worker_threads';
import { createWorkspace } from '@cairn/transform';
import { FileWriter } from './file-writer.ts';
import type { FileOrder, FileResult } from './write-file.ts';

/** What a worker is told to do: one at a time. */
export type WorkerOrder =
  | { readonly kind: 'write'; readonly order: FileOrder }
  /** To wait until everything it has written is on the medium. */
  | { readonly kind: 'end' };

/** What a worker says when it has done what it was told; null without a file. */
export interface WorkerDone {
  readonly kind: 'done';
  readonly result: FileResult | null;
}

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | WorkerDone
  /** An error, with the fields that tell what it is. */
  | { readonly kind: 'failed'; readonly error: Readonly<Record<string, unknown>> };

/** Written between two messages about it. */
const TOLD_BYTES = 16 * 2 ** 20;

const port = parentPort;
if (port === null) throw new Error('apply-worker is the program of a worker thread');
// Given by apply-in-threads.ts.
const { blockBytes } = workerData as { readonly blockBytes: number };
const say = (message: WorkerMessage): void => port.postMessage(message);

let held = 0;
const writer = new FileWriter(createWorkspace(blockBytes), (bytes) => {
  held += bytes;
  if (held < TOLD_BYTES) return;
  say({ kind: 'bytes', bytes: held });
  held = 0;
});

port.on('message', (told: WorkerOrder) => {
  const done = told.kind === 'write' ? writer.write(told.order) : writer.end().then(() => null);
  done.then(
    (result) => say({ kind: 'done', result }),
    (error: unknown) => say({ kind: 'failed', error: fieldsOf(error) }),
  );
});

/** Errors lose their class and fields on the way between threads; these tell everything. */
function fieldsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  return { ...JSON.parse(JSON.stringify(error)), name, message, stack };
}
