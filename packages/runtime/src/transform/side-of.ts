import path from 'node:path';
import { elementCount } from '@cairn/bytes';
import { indexCheckpoint } from '@cairn/ckpt-format';
import type { SideFile, StoredDigest } from '@cairn/ckpt-format/folder';
import { formatSideFile, parseCheckpointName, readNumber } from '@cairn/ckpt-format/folder';
import { openFile } from '@cairn/storage';
import { readSide } from './read-side.ts';
import type { JournalEntry } from './journal.ts';

/** What a transformed file's side file says beside what every side file does. */
interface TransformMark {
  /** Digest of the planned file. */
  readonly id: string;
}

/** What is known of the run that a source file is of. */
export type SideBase = Omit<SideFile, 'tensors'>;

/**
 * What lies beside a source is true of the destination too: run, position, loss scale. Where nothing does, the file
 * itself is asked, and its name whether the run sinks data.
 */
export async function sideBaseOf(source: string): Promise<SideBase> {
  const beside = readSide(source);
  if (beside !== null) {
    const { tensors: _, ...base } = beside.side;
    return base;
  }
  const numberOf = await numbersOf(source);
  const step = numberOf('step_num') ?? 0;
  const name = parseCheckpointName(path.basename(source));
  // {sinks}_{sink size} of a run that sinks; {epoch}_{step in epoch} of one that does not.
  const isSunk = name !== null && name.epoch * name.step === step;
  return {
    runId: 'unknown',
    parentRun: null,
    step,
    epoch: numberOf('epoch_num') ?? 0,
    dataSteps: step,
    sinkSize: isSunk ? name.step : null,
    lossScale: {
      scale: numberOf('loss_scale') ?? 1,
      currentStep: numberOf('current_iterator_step') ?? step,
      lastChangeStep: numberOf('last_overflow_iterator_step') ?? 0,
    },
  };
}

/** The single numbers of a checkpoint by name. */
async function numbersOf(file: string): Promise<(name: string) => number | null> {
  const source = openFile(file);
  try {
    const index = await indexCheckpoint(source, file.endsWith('.safetensors') ? 'safetensors' : 'ckpt');
    const numbers = new Map<string, number>();
    for (const entry of index.entries) {
      if (entry.kind !== 'tensor' || elementCount(entry.shape) !== 1) continue;
      const value = await readNumber(source, entry);
      if (Number.isFinite(value)) numbers.set(entry.name, value);
    }
    return (name) => numbers.get(name) ?? null;
  } finally {
    await source.close();
  }
}

/** The text of the side file of a transformed file. */
export function transformedSide(base: SideBase, id: string, entries: readonly JournalEntry[]): string {
  const tensors = entries.flatMap(({ name, digest }) => (digest === null ? [] : [[name, digest] as const]));
  const transform: TransformMark = { id };
  const side = { ...base, tensors: Object.fromEntries(tensors), transform };
  return formatSideFile(side);
}

/** Digests beside a file that was transformed by this very plan; null when it was not. */
export function digestsBeside(target: string, id: string): ReadonlyMap<string, StoredDigest> | null {
  const beside = readSide(target);
  if (beside === null || markOf(beside.text) !== id) return null;
  return new Map(Object.entries(beside.side.tensors));
}

function markOf(text: string): string | null {
  const value: unknown = JSON.parse(text);
  const mark = typeof value === 'object' && value !== null && 'transform' in value ? value.transform : null;
  return typeof mark === 'object' && mark !== null && 'id' in mark ? String(mark.id) : null;
}
