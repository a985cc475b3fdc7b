import type { ByteSource } from '@cairn/bytes';
import { elementCount } from '@cairn/bytes';
import type { CheckpointEntry, CheckpointIndex, StoredTensor } from '../checkpoint-index.ts';
import { tensorPieces } from '../tensor-pieces.ts';
import type { ValueDifference } from './difference-tally.ts';
import { DifferenceTally } from './difference-tally.ts';

/** A checkpoint to compare: a source and its index. */
export interface ComparedCheckpoint {
  readonly source: ByteSource;
  readonly index: CheckpointIndex;
}

/** What counts as a difference. */
export interface CompareOptions {
  /** Largest |a - b| that does not count; 0 (default) = the bits must be equal. */
  readonly tolerance?: number;
  readonly signal?: AbortSignal;
}

/** How one entry of two checkpoints differs. */
export type EntryDifference = { readonly name: string } & (
  | { readonly kind: 'only-in-a' | 'only-in-b'; readonly entry: CheckpointEntry }
  /** Another kind, dtype or shape: the values are not compared. */
  | { readonly kind: 'form'; readonly a: CheckpointEntry; readonly b: CheckpointEntry }
  | { readonly kind: 'text'; readonly a: string; readonly b: string }
  | ({ readonly kind: 'values'; readonly entry: CheckpointEntry; readonly elements: number } & ValueDifference)
);

/** How two checkpoints differ. */
export interface CheckpointDifference {
  /** Nothing differs but the order of entries, and values within the tolerance. */
  readonly equal: boolean;
  /** Entries of both that have no difference at all. */
  readonly same: number;
  /** Whether the entries of both stand in the same order. Tells apart nothing that is loaded. */
  readonly sameOrder: boolean;
  /** In the order of a, then what is only in b. Values within the tolerance are listed too, with `differing` 0. */
  readonly entries: readonly EntryDifference[];
}

/**
 * Compares two checkpoints by name, of either format, a few MiB at a time.
 *
 * @throws CkptError when a source ends early
 */
export async function compareCheckpoints(
  a: ComparedCheckpoint,
  b: ComparedCheckpoint,
  { tolerance = 0, signal }: CompareOptions = {},
): Promise<CheckpointDifference> {
  const others = new Map(b.index.entries.map((entry) => [entry.name, entry]));
  const names = new Set(a.index.entries.map(({ name }) => name));
  const entries: EntryDifference[] = [];
  let same = 0;
  for (const entry of a.index.entries) {
    signal?.throwIfAborted();
    const other = others.get(entry.name);
    const difference =
      other === undefined
        ? ({ kind: 'only-in-a', name: entry.name, entry } as const)
        : await compareEntries([a.source, entry], [b.source, other], tolerance);
    if (difference === null) same += 1;
    else entries.push(difference);
  }
  for (const entry of b.index.entries) {
    if (!names.has(entry.name)) entries.push({ kind: 'only-in-b', name: entry.name, entry });
  }
  const sameOrder = sameNames(commonNames(a.index, others), commonNames(b.index, names));
  const equal = entries.every((each) => each.kind === 'values' && each.differing === 0);
  return { equal, same, sameOrder, entries };
}

/** Names of a checkpoint that the other has too, in its order. */
function commonNames({ entries }: CheckpointIndex, others: { has(name: string): boolean }): readonly string[] {
  return entries.map(({ name }) => name).filter((name) => others.has(name));
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.every((name, i) => name === b[i]);
}

type Located = readonly [source: ByteSource, entry: CheckpointEntry];

async function compareEntries(
  [sourceA, a]: Located,
  [sourceB, b]: Located,
  tolerance: number,
): Promise<EntryDifference | null> {
  const { name } = a;
  if (a.kind === 'text' && b.kind === 'text') {
    return a.text === b.text ? null : { kind: 'text', name, a: a.text, b: b.text };
  }
  const [left, right] = [tensorsOf(a), tensorsOf(b)];
  const alike = a.kind === b.kind && left.every((tensor, i) => sameForm(tensor, right[i]!));
  if (!alike) return { kind: 'form', name, a, b };
  const differences: (ValueDifference & { readonly elements: number })[] = [];
  for (const [i, tensor] of left.entries()) {
    const difference = await compareValues([sourceA, tensor], [sourceB, right[i]!], tolerance);
    if (difference) differences.push({ elements: elementCount(tensor.shape), ...difference });
  }
  // Of the three tensors of a map, the first that counts stands for it.
  const [first] = differences.toSorted((x, y) => Number(y.differing > 0) - Number(x.differing > 0));
  return first === undefined ? null : { kind: 'values', name, entry: a, ...first };
}

function tensorsOf(entry: CheckpointEntry): readonly StoredTensor[] {
  if (entry.kind === 'map') return entry.tensors;
  return entry.kind === 'tensor' ? [entry] : [];
}

function sameForm(a: StoredTensor, b: StoredTensor): boolean {
  return a.dtype === b.dtype && a.shape.length === b.shape.length && a.shape.every((size, i) => size === b.shape[i]);
}

async function compareValues(
  [sourceA, a]: readonly [ByteSource, StoredTensor],
  [sourceB, b]: readonly [ByteSource, StoredTensor],
  tolerance: number,
): Promise<ValueDifference | null> {
  const tally = new DifferenceTally(a.dtype, tolerance);
  const others = tensorPieces(sourceB, b);
  for await (const { begin, bytes } of tensorPieces(sourceA, a)) {
    const other = await others.next();
    // Of one dtype and shape, both come in the same pieces.
    if (other.done !== true) tally.add(bytes, other.value.bytes, begin);
  }
  return tally.result();
}
