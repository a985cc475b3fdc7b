import { setImmediate } from 'node:timers/promises';
import type { Workspace } from '@cairn/transform';
import { writeFile } from './write-file.ts';
import type { FileOrder, FileResult } from './write-file.ts';

/** Destination files to be written. */
export interface ApplyWork {
  readonly orders: readonly FileOrder[];
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Reading and writing answer at once; this often the process looks whether it is to stop, and bars are drawn. */
const BREATH_BYTES = 16 * 2 ** 20;

/** Writes files one after another in this thread. */
export async function applyHere(work: ApplyWork, workspace: Workspace): Promise<readonly FileResult[]> {
  const { orders, onBytes, signal } = work;
  const results: FileResult[] = [];
  let held = 0;
  const breathe = (bytes: number): Promise<void> | void => {
    held += bytes;
    if (held < BREATH_BYTES) return;
    onBytes(held);
    held = 0;
    return setImmediate(undefined, { signal });
  };
  for (const order of orders) {
    signal?.throwIfAborted();
    results.push(await writeFile(order, { workspace, onBytes: breathe }));
  }
  onBytes(held);
  return results;
}
