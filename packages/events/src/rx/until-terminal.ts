import type { MonoTypeOperatorFunction } from 'rxjs';
import { takeWhile } from 'rxjs';
import type { TrainingEvent } from '../events.ts';
import { isTerminal } from '../events.ts';

/** Completes behind the event that ends the run. */
export function untilTerminal(): MonoTypeOperatorFunction<TrainingEvent> {
  return takeWhile((event) => !isTerminal(event), true);
}
