import type { Holding } from './source-catalogue.ts';
import { storedSlice } from './tensor-origins.ts';
import type { PassReason, PlannedEntry } from './transform-plan.ts';

/** An entry taken over as it is stored. */
export interface Passed {
  readonly entry: PlannedEntry;
  /** The rank that MindSpore takes it from does not hold it; another's is taken. */
  readonly fromOtherRank: boolean;
}

/**
 * Takes an entry over as it is stored: from the lowest stage that is read, there from the rank of the same place
 * (mindspore-formats §5.2).
 *
 * @param holdings stages ascending, ranks ascending
 * @param local    the destination rank's place in its stage, modulo the source's devices
 * @returns null when no file that is read holds it
 */
export function passEntry(
  holdings: readonly Holding[],
  stages: ReadonlySet<number>,
  local: number,
  passed: PassReason,
): Passed | null {
  const held = holdings.filter(({ stage }) => stages.has(stage));
  const same = held.find((holding) => holding.local === local);
  const chosen = same ?? held[0];
  if (chosen === undefined) return null;
  return { entry: plannedEntry(chosen, passed), fromOtherRank: same === undefined };
}

function plannedEntry({ source, entry }: Holding, passed: PassReason): PlannedEntry {
  const { name } = entry;
  if (entry.kind === 'text') return { kind: 'text', name, text: entry.text };
  const from = storedSlice(source, entry);
  const { dtype, shape } = entry;
  // A tensor without elements takes nothing.
  const takes = entry.bytes === 0 ? [] : [{ from, box: from.box }];
  return { kind: 'tensor', name, dtype, shape, full: shape, box: from.box, takes, passed };
}
