/** The program of a worker thread: writes the destination files it is given, one at a time, and says how it goes. */
import { parentPort, workerData } from 'node:worker_threads';
import { createWorkspace } from '@cairn/transform';
import { applyHere } from './apply-here.ts';
import type { FileOrder, FileResult } from './write-file.ts';

/** What a worker says. */
export type WorkerMessage =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'done'; readonly result: FileResult }
  /** An error, with the fields that tell what it is. */
  | { readonly kind: 'failed'; readonly error: Readonly<Record<string, unknown>> };

/** Written between two messages about it. */
const TOLD_BYTES = 16 * 2 ** 20;

const port = parentPort;
if (port === null) throw new Error('apply-worker is the program of a worker thread');
// Given by apply-in-workers.ts.
const { blockBytes } = workerData as { readonly blockBytes: number };
const say = (message: WorkerMessage): void => port.postMessage(message);
const workspace = createWorkspace(blockBytes);

port.on('message', (order: FileOrder) => {
  let held = 0;
  const onBytes = (bytes: number): void => {
    held += bytes;
    if (held < TOLD_BYTES) return;
    say({ kind: 'bytes', bytes: held });
    held = 0;
  };
  applyHere({ orders: [order], onBytes, signal: undefined }, workspace).then(
    ([result]) => say({ kind: 'done', result: result! }),
    (error: unknown) => say({ kind: 'failed', error: fieldsOf(error) }),
  );
});

/** Errors lose their class and fields on the way between threads; these tell everything. */
function fieldsOf(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  return { ...JSON.parse(JSON.stringify(error)), name, message, stack };
}
