import { elementBytes } from '@cairn/bytes';
import { bytesRead } from './read-span.ts';
import { runsBetween } from './runs.ts';
import type { PlanCost, PlannedFile, PlannedTensor } from './transform-plan.ts';

/** What applying the files of a plan takes. */
export function costOf(files: readonly PlannedFile[]): PlanCost {
  let readBytes = 0;
  let writeBytes = 0;
  let openFiles = 0;
  for (const { entries, bytes } of files) {
    const opened = new Set<number>();
    writeBytes += bytes;
    for (const entry of entries) {
      if (entry.kind === 'text') continue;
      readBytes += tensorReads(entry);
      for (const { from } of entry.takes) opened.add(from.source);
    }
    openFiles = Math.max(openFiles, opened.size);
  }
  return { readBytes, writeBytes, openFiles };
}

/** Bytes that are read for one tensor of a destination file. */
function tensorReads({ takes, box }: PlannedTensor): number {
  return takes.reduce((sum, { from, box: taken }) => {
    return sum + bytesRead(runsBetween(taken, from.box, box), elementBytes(from.storedAs));
  }, 0);
}
