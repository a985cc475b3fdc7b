import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { StorageError } from '@cairn/storage';
import type { StorageErrorCode } from '@cairn/storage';
import { TransformError } from '@cairn/transform';
import type { TransformErrorCode, TransformErrorPlace } from '@cairn/transform';
import type { ApplyWork } from './apply-here.ts';
import type { WorkerMessage } from './apply-worker.ts';
import type { FileResult } from './write-file.ts';

const PROGRAM = fileURLToPath(new URL('./apply-worker.js', import.meta.url));
/** Workers hold one file's plan; young objects are few, and larger halves of the heap are only touched memory. */
const YOUNG_MIB = 2;

/** Writes files in several threads; the first that fails ends all. */
export async function applyInWorkers(
  work: ApplyWork & { readonly jobs: number; readonly blockBytes: number },
): Promise<readonly FileResult[]> {
  const { orders, jobs, blockBytes, signal } = work;
  const queue = orders.entries();
  const results: FileResult[] = [];
  const workers = Array.from({ length: jobs }, () => {
    return new Worker(PROGRAM, { workerData: { blockBytes }, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
  });
  try {
    signal?.throwIfAborted();
    const serve = async (worker: Worker): Promise<void> => {
      for (const [i, order] of queue) {
        worker.postMessage(order, []);
        results[i] = await resultOf(worker, work);
      }
    };
    await Promise.all(workers.map(serve));
    return results;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Waits for the file a worker is at. */
async function resultOf(worker: Worker, { onBytes, signal }: ApplyWork): Promise<FileResult> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      worker.off('message', hear).off('error', fail).off('exit', lost);
      signal?.removeEventListener('abort', stop);
      end();
    };
    const hear = (message: WorkerMessage): void => {
      if (message.kind === 'bytes') onBytes(message.bytes);
      else if (message.kind === 'done') settle(() => resolve(message.result));
      else settle(() => reject(errorFrom(message.error)));
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const lost = (code: number): void => fail(new Error(`a worker thread ended with exit code ${code}`));
    const stop = (): void => settle(() => reject(signal?.reason));
    worker.on('message', hear).on('error', fail).on('exit', lost);
    signal?.addEventListener('abort', stop);
  });
}

/** An error of a worker as what it was there. */
function errorFrom(fields: Readonly<Record<string, unknown>>): Error {
  const { name, message, code, file, place } = fields;
  // Written by apply-worker.ts from errors of these classes.
  if (name === 'TransformError') {
    return new TransformError(code as TransformErrorCode, String(message), place as TransformErrorPlace);
  }
  if (name === 'StorageError') return new StorageError(code as StorageErrorCode, String(message), String(file));
  return Object.assign(new Error(String(message)), { name: String(name) });
}
