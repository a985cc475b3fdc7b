/** How many checkpoints are kept; null or 0 = not set (mindformers-behaviour §1.2, 1.6). */
export interface RetentionPolicy {
  readonly most: number | null;
  /** Used only when `most` is not set: of the files of each span of this many minutes one is kept. */
  readonly onePerMinutes: number | null;
}

/** A save of this run that is on the disk. */
export interface KeptSave {
  readonly file: string;
  /** Steps of the whole run. */
  readonly step: number;
  readonly savedMs: number;
}

/**
 * The saves of this run that go now that the newest is proven whole. The newest always stays; with nothing set one is
 * kept.
 *
 * @param saves all that are there, the newest included
 */
export function toPrune(policy: RetentionPolicy, saves: readonly KeptSave[]): readonly KeptSave[] {
  const oldestFirst = saves.toSorted((a, b) => a.step - b.step);
  if (!policy.most && policy.onePerMinutes) return beyondOnePer(policy.onePerMinutes * 60_000, oldestFirst);
  return oldestFirst.slice(0, Math.max(0, oldestFirst.length - Math.max(1, policy.most || 1)));
}

/** All but the first save of each span and the newest of all. */
function beyondOnePer(spanMs: number, oldestFirst: readonly KeptSave[]): readonly KeptSave[] {
  let keptMs = -Infinity;
  return oldestFirst.filter((save, i) => {
    const newest = i === oldestFirst.length - 1;
    if (!newest && save.savedMs - keptMs < spanMs) return true;
    keptMs = save.savedMs;
    return false;
  });
}
