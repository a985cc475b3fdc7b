import type { RunFailed, RunFinished, TrainingEvent } from '@cairn/events';
import { isTerminal } from '@cairn/events';

/** How far a run has come, as its events tell. */
export interface RunProgress {
  /** Number of the newest event; -1 before the first. */
  readonly lastSeq: number;
  readonly totalSteps: number | null;
  /** The last step that was trained, counted across resumes. */
  readonly step: number | null;
  /** Loss of that step. */
  readonly loss: number | null;
  /** The event that ended the run. */
  readonly end: RunFinished | RunFailed | null;
}

/** Before the first event. */
export const NOT_STARTED: RunProgress = { lastSeq: -1, totalSteps: null, step: null, loss: null, end: null };

/** The progress after one more event. */
export function progressAfter(progress: RunProgress, event: TrainingEvent): RunProgress {
  const next = { ...progress, lastSeq: event.seq };
  if (isTerminal(event)) return { ...next, end: event };
  switch (event.type) {
    case 'run-started':
      return { ...next, totalSteps: event.totalSteps };
    case 'step':
      return { ...next, step: event.step, loss: event.loss };
    default:
      return next;
  }
}
