import type { Workspace } from '@cairn/transform';
import { writeFile } from './write-file.ts';
import type { FileOrder, FileResult } from './write-file.ts';

/** Destination files to be written. */
export interface ApplyWork {
  readonly orders: readonly FileOrder[];
  readonly onBytes: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Writes files one after another in this thread. */
export async function applyHere(work: ApplyWork, workspace: Workspace): Promise<readonly FileResult[]> {
  const { orders, onBytes, signal } = work;
  const results: FileResult[] = [];
  const told = (bytes: number): void => {
    signal?.throwIfAborted();
    onBytes(bytes);
  };
  for (const order of orders) results.push(await writeFile(order, { workspace, onBytes: told }));
  return results;
}
