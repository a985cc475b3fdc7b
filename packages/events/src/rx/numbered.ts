import type { OperatorFunction } from 'rxjs';
import { map } from 'rxjs';
import type { EventBody, TrainingEvent } from '../events.ts';

/** Gives events their run, dense numbers from `first` on, and times. */
export function numbered(run: {
  runId: string;
  first: number;
  now: () => number;
}): OperatorFunction<EventBody, TrainingEvent> {
  return map((body, i) => ({ runId: run.runId, seq: run.first + i, atMs: run.now(), ...body }));
}
