import path from 'node:path';
import { localFolder } from '@cairn/storage';
import { RunError } from '../run-error.ts';
import { applyInThreads } from './apply-in-threads.ts';
import { memoryFor } from './memory-for.ts';
import { idOf } from './plan-transformation.ts';
import type { Transformation } from './plan-transformation.ts';
import { spaceFor } from './space-for.ts';
import type { FileOrder, FileResult } from './write-file.ts';

export interface ApplyOptions {
  /** Threads that write destination files, each one at a time. */
  readonly jobs: number;
  /** Most memory the process may hold. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of destination files that have been written since the last time. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What was done. */
export interface Applied {
  readonly files: readonly FileResult[];
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Bytes that an earlier apply of the same plan had written. */
  readonly keptBytes: number;
}

/**
 * Writes the files of a plan. Each appears whole or not at all, with its digests beside it, and is on the medium
 * afterwards; an interrupted apply is gone on with by another one of the same plan.
 *
 * @throws TransformError `source-changed`; RunError `no-space` before anything is written when the disk cannot hold it;
 *         StorageError; AbortError
 */
export async function applyTransformation(transformation: Transformation, options: ApplyOptions): Promise<Applied> {
  const { plan, destination, texts } = transformation;
  const { signal, onBytes = () => {} } = options;
  const jobs = Math.max(1, Math.min(options.jobs, plan.files.length));
  const { blockBytes } = memoryFor(jobs, options.memoryBytes);
  const orders = ordersOf(transformation);
  const { wantedBytes, freeBytes } = await spaceFor(transformation);
  if (wantedBytes > freeBytes) {
    const room = `${path.resolve(destination)} has room for ${freeBytes} bytes, ${wantedBytes} are to be written`;
    throw new RunError('no-space', 6, `${room}: free some space`, { file: destination });
  }
  const files = await applyInThreads({ orders, jobs, blockBytes, onBytes, signal });
  const folder = localFolder(destination);
  for (const [name, text] of Object.entries(texts)) {
    const draft = await folder.create(name);
    await draft.write(0, new TextEncoder().encode(text));
    await folder.commit([draft]);
  }
  const keptBytes = files.reduce((sum, file) => sum + file.keptBytes, 0);
  const { readBytes, writeBytes } = plan.cost;
  return { files, readBytes, writtenBytes: writeBytes - keptBytes, keptBytes };
}

function ordersOf({ plan, destination, side }: Transformation): readonly FileOrder[] {
  return plan.files.map((file) => {
    const used = new Set(
      file.entries.flatMap((e) => (e.kind === 'text' ? [] : e.takes.map(({ from }) => from.source))),
    );
    // The places of sources count; of those that are not used, nothing else does.
    const sources = plan.sources.map((source, i) => (used.has(i) ? source : { ...source, path: '', stamp: '' }));
    return { file, sources, destination, id: idOf(file, { ...plan, sources }), side };
  });
}
