import type { Box } from '@cairn/bytes';

/** Digest of a tensor of a checkpoint file, or of the slice of one that the file holds. */
export interface StoredDigest {
  /** 16 hexadecimal digits, see `TensorDigest`. */
  readonly digest: string;
  /** Full shape of the tensor. */
  readonly shape: readonly number[];
  /** Where the slice lies in the tensor; absent when the file holds it whole. */
  readonly box?: Box | undefined;
}

/** What only Cairn knows about a checkpoint; lies beside it (ruling 4). */
export interface SideFile {
  readonly runId: string;
  /** The run this one continued; null for one that began at step 1. */
  readonly parentRun: string | null;
  readonly step: number;
  readonly epoch: number;
  /** Batches taken from the data set so far; differs from `step` after a change of data. */
  readonly dataSteps: number;
  /** Steps of one sink; null when data sinking was off. */
  readonly sinkSize: number | null;
  readonly lossScale: { readonly scale: number; readonly currentStep: number; readonly lastChangeStep: number };
  readonly tensors: Readonly<Record<string, StoredDigest>>;
}

/** Version of the side file's structure. */
const VERSION = 1;

/** Largest side file that is read: enough for about a million tensors. */
export const MAX_SIDE_BYTES: number = 256 * 2 ** 20;

/** Name of the side file of a checkpoint file. */
export function sideFileName(checkpoint: string): string {
  return `${checkpoint}.cairn.json`;
}

/** The text of a side file. */
export function formatSideFile(side: SideFile): string {
  return JSON.stringify({ cairn: VERSION, ...side });
}

/** Reads a side file; a text that is not one gives the reason. */
export function parseSideFile(text: string): SideFile | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  if (!isRecord(value)) return { problem: 'is not an object' };
  if (value['cairn'] !== VERSION)
    return { problem: `has version ${String(value['cairn'])}, this program reads ${VERSION}` };
  const { runId, parentRun, step, epoch, dataSteps, sinkSize, lossScale, tensors } = value;
  const wellFormed =
    typeof runId === 'string' &&
    (parentRun === null || typeof parentRun === 'string') &&
    [step, epoch, dataSteps, sinkSize ?? 1].every((count) => Number.isSafeInteger(count)) &&
    isRecord(lossScale) &&
    [lossScale['scale'], lossScale['currentStep'], lossScale['lastChangeStep']].every((n) => typeof n === 'number') &&
    isRecord(tensors) &&
    Object.values(tensors).every(isStoredDigest);
  // Each field has just been checked.
  return wellFormed
    ? ({ runId, parentRun, step, epoch, dataSteps, sinkSize, lossScale, tensors } as SideFile)
    : { problem: 'lacks a field' };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStoredDigest(value: unknown): value is StoredDigest {
  if (!isRecord(value) || typeof value['digest'] !== 'string' || !/^[0-9a-f]{16}$/.test(value['digest'])) return false;
  const { shape, box } = value;
  return isShape(shape) && (box === undefined || isBoxOf(box, shape));
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && Number(size) >= 0);
}

/** One range inside each axis. */
function isBoxOf(value: unknown, shape: readonly number[]): boolean {
  if (!Array.isArray(value) || value.length !== shape.length) return false;
  return value.every((range: unknown, axis) => {
    if (!isShape(range) || range.length !== 2) return false;
    const [begin, end] = range;
    return begin! <= end! && end! <= shape[axis]!;
  });
}
