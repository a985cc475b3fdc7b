import type { Arrangement } from './arrangement.ts';
import type { PassReason } from './transform-plan.ts';

/** What becomes of a name on one destination stage. */
export type Treatment = 'cut' | 'absent' | PassReason;

/**
 * What becomes of a name (mindspore-formats §5.2): listed on both sides it is cut, listed for other stages only it is
 * absent, anything else passes through as it is stored.
 *
 * @param from null = the source is a complete checkpoint
 * @param to   null = the destination is one
 */
export function treatmentOf(name: string, from: Arrangement | null, to: Arrangement | null, stage: number): Treatment {
  const source = from?.tensors.has(name) ?? null;
  const target = to?.tensors.get(name);
  if (to === null) return source === true ? 'cut' : 'unlisted';
  if (target === undefined) return source === true ? 'source-only' : 'unlisted';
  if (source === false) return 'destination-only';
  return target.some((placement) => placement.stage === stage) ? 'cut' : 'absent';
}

/**
 * The source stages whose files a destination stage reads: those with a tensor that it needs, or that only they list.
 * A stage that needs none still gets what is not listed, from all.
 */
export function stagesRead(from: Arrangement | null, to: Arrangement | null, stage: number): ReadonlySet<number> {
  if (from === null) return new Set([0]);
  const stages = new Set<number>();
  for (const [name, placements] of from.tensors) {
    if (treatmentOf(name, from, to, stage) === 'absent') continue;
    for (const placement of placements) stages.add(placement.stage);
  }
  return stages.size > 0 ? stages : new Set(Array.from({ length: from.stages }, (_, each) => each));
}
