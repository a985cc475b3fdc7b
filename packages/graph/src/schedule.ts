/** One pass of one unit. */
export interface Slot {
  readonly pass: 'forward' | 'backward';
  /** 0-based number of the unit within the step. */
  readonly unit: number;
}

/**
 * One-forward-one-backward: a stage first takes as many units forward as there are stages behind it, then
 * alternates, then finishes the backward passes. With one stage: F0 B0 F1 B1 …
 *
 * @param stage  0-based stage of this rank
 * @param stages pipeline stages
 * @param units  units of a step
 */
export function oneForwardOneBackward(stage: number, stages: number, units: number): readonly Slot[] {
  const ahead = Math.min(stages - 1 - stage, units);
  const slots: Slot[] = [];
  for (let unit = 0; unit < ahead; unit++) slots.push({ pass: 'forward', unit });
  for (let unit = 0; unit < units; unit++) {
    if (unit + ahead < units) slots.push({ pass: 'forward', unit: unit + ahead });
    slots.push({ pass: 'backward', unit });
  }
  return slots;
}

/** Units that have gone forward but not yet backward, at most. */
export function unitsUnderWay(schedule: readonly Slot[]): number {
  let open = 0;
  let most = 0;
  for (const { pass } of schedule) {
    open += pass === 'forward' ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
}
