/** A position in a run: so many batches of this size are behind, counted over all passes. */
export interface LedgerPosition {
  readonly batchSize: number;
  readonly step: number;
}

/** What a change of the batch size did to the rows. */
export interface Ledger {
  /** Rows that are trained on twice in one pass. */
  readonly repeated: number;
  /** Rows that are not trained on in a pass though a whole batch of the old or of the new size would hold them. */
  readonly leftOut: number;
}

/**
 * Which rows are repeated or left out where a run goes on with another batch size or at another step (ruling 21).
 *
 * A pass is one run over the rows, in an order that depends on its number only (an epoch; a `repeat` of it, if there
 * is one). The old run used, of every pass before its step's, the first floor(rows / old size) x old size rows, and of
 * its current pass those of the steps it made. The new run uses, of the pass it begins in, the rows from its step on
 * up to floor(rows / new size) x new size, and every later pass from its begin. Counted are the passes from the earlier
 * to the later of the two positions: `repeated` = rows both used; `leftOut` = rows neither used, without those at the
 * end of a pass that neither size reaches. Where the old size over the new divides the step, both are 0, but for a
 * remainder that only the old size reached.
 *
 * @param rows   a pass: of all ranks together, when the batch sizes are global
 * @param before what was trained
 * @param after  where the run goes on
 * @param dropRemainder false: the last batch of a pass may be short, and reaches all rows
 */
export function ledger(rows: number, before: LedgerPosition, after: LedgerPosition, dropRemainder = true): Ledger {
  const old = passOf(rows, before, dropRemainder);
  const next = passOf(rows, after, dropRemainder);
  const reach = Math.max(old.reach, next.reach);
  let repeated = 0;
  let leftOut = 0;
  for (let pass = Math.min(old.pass, next.pass); pass <= Math.max(old.pass, next.pass); pass++) {
    // The old run used [0, end), the new one [begin, next.reach).
    const end = pass < old.pass ? old.reach : pass === old.pass ? old.used : 0;
    const begin = pass > next.pass ? 0 : pass === next.pass ? next.used : next.reach;
    const both = Math.max(0, Math.min(end, next.reach) - begin);
    repeated += both;
    leftOut += reach - (end + (next.reach - begin) - both);
  }
  return { repeated, leftOut };
}

/** The pass a position is in, how many of its rows are behind, and how many a whole pass uses. */
function passOf(rows: number, { batchSize, step }: LedgerPosition, dropRemainder: boolean) {
  const steps = dropRemainder ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
  const reach = Math.min(rows, steps * batchSize);
  const pass = steps === 0 ? 0 : Math.floor(step / steps);
  return { pass, used: Math.min(reach, (step - pass * steps) * batchSize), reach };
}
