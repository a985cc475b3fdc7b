/** When checkpoints are written (mindformers-behaviour §1.2, 1.3); null or 0 = not set. */
export interface SavePolicy {
  readonly everySteps: number | null;
  /** Used only when `everySteps` is not set. */
  readonly everySeconds: number | null;
}

/** When the last save was begun. */
export interface LastSave {
  /** Steps this run had trained, 0 before the first save. */
  readonly done: number;
  readonly atMs: number;
}

/** Whether anything is ever saved (ruling 2). */
export function savesAnything({ everySteps, everySeconds }: SavePolicy): boolean {
  return Boolean(everySteps) || Boolean(everySeconds);
}

/**
 * Whether to save after `done` steps of this run. The threshold counts from the last save, so with a sink that does not
 * divide it the saves move on: every 5 steps, sinks of 2 → after 6, 12, 18, …
 *
 * @param done  steps this run has trained; asked after each step, or each sink
 * @param final whether training ends here: then everything not yet saved is
 */
export function isSaveDue(
  policy: SavePolicy,
  last: LastSave,
  now: { done: number; atMs: number; final: boolean },
): boolean {
  if (now.done === last.done || !savesAnything(policy)) return false;
  if (now.final) return true;
  if (policy.everySteps) return now.done >= last.done + policy.everySteps;
  return now.atMs - last.atMs > (policy.everySeconds ?? 0) * 1000;
}
