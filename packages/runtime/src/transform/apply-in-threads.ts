import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { StorageError } from '@cairn/storage';
import type { StorageErrorCode } from '@cairn/storage';
import { createWorkspace, TransformError } from '@cairn/transform';
import type { TransformErrorCode, TransformErrorPlace } from '@cairn/transform';
import type { WorkerDone, WorkerMessage, WorkerOrder } from './apply-worker.ts';
import { FileWriter } from './file-writer.ts';
import type { FileOrder, FileResult } from './write-file.ts';

const PROGRAM = fileURLToPath(new URL('./apply-worker.js', import.meta.url));
/** Workers hold one file's plan; young objects are few, and larger halves of the heap are only touched memory. */
const YOUNG_MIB = 2;

/** Destination files to be written. */
export interface ApplyWork {
  readonly orders: readonly FileOrder[];
  /** Threads that write files, each one at a time. */
  readonly jobs: number;
  readonly blockBytes: number;
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes files in one or several threads, of which this one is the first; when one fails, all end. Files are on the
 * medium afterwards.
 */
export async function applyInThreads(work: ApplyWork): Promise<readonly FileResult[]> {
  const { orders, jobs, blockBytes, onBytes, signal } = work;
  const queue = orders.entries();
  const results: FileResult[] = [];
  const ended = new AbortController();
  const stop = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const workers = Array.from({ length: jobs - 1 }, () => {
    return new Worker(PROGRAM, { workerData: { blockBytes }, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB } });
  });
  const there = async (worker: Worker): Promise<void> => {
    const told = { onBytes, signal: stop };
    for (const [i, order] of queue) {
      const { result } = await answerTo({ kind: 'write', order }, worker, told);
      if (result !== null) results[i] = result;
    }
    await answerTo({ kind: 'end' }, worker, told);
  };
  const here = async (): Promise<void> => {
    const writer = new FileWriter(createWorkspace(blockBytes), (bytes) => {
      stop.throwIfAborted();
      onBytes(bytes);
    });
    try {
      for (const [i, order] of queue) results[i] = await writer.write(order);
    } finally {
      // Also when one has failed: then nothing happens any more once this has.
      await writer.end();
    }
  };
  const endAll = (error: unknown): never => {
    ended.abort(error);
    throw error;
  };
  try {
    signal?.throwIfAborted();
    const threads = [...workers.map(there), here()].map(async (thread) => thread.catch(endAll));
    const [failed] = (await Promise.allSettled(threads)).filter(({ status }) => status === 'rejected');
    if (failed === undefined) return results;
    throw stop.aborted ? stop.reason : failed;
  } finally {
    await Promise.all(workers.map(async (worker) => worker.terminate()));
  }
}

/** Tells a worker what to do, and waits until it is done. */
async function answerTo(
  order: WorkerOrder,
  worker: Worker,
  { onBytes, signal }: Pick<ApplyWork, 'onBytes' | 'signal'>,
): Promise<WorkerDone> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      worker.off('message', hear).off('error', fail).off('exit', lost);
      signal?.removeEventListener('abort', stop);
      end();
    };
    const hear = (message: WorkerMessage): void => {
      if (message.kind === 'bytes') onBytes(message.bytes);
      else if (message.kind === 'done') settle(() => resolve(message));
      else settle(() => reject(errorFrom(message.error)));
    };
    const fail = (error: Error): void => settle(() => reject(error));
    const lost = (code: number): void => fail(new Error(`a worker thread ended with exit code ${code}`));
    const stop = (): void => settle(() => reject(signal?.reason));
    worker.on('message', hear).on('error', fail).on('exit', lost);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
    else worker.postMessage(order, []);
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
