import type { RunProgress } from './run-progress.ts';

/** What `GET /runs/:id` answers. Numbers that are not finite are texts, as in the record. */
export interface RunStatus {
  readonly runId: string;
  readonly state: 'running' | 'finished' | 'failed';
  /** Whether the run was asked to stop and has not ended yet. */
  readonly stopping: boolean;
  /** Name of the configuration. */
  readonly config: string;
  readonly outputFolder: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly step: number | null;
  readonly totalSteps: number | null;
  readonly loss: number | string | null;
  /** Of the table of exit codes; null while the run goes on. */
  readonly exitCode: number | null;
  /** Why it failed. */
  readonly code: string | null;
  readonly message: string | null;
}

/** What of a status is known from the beginning. */
export type RunOrigin = Pick<RunStatus, 'runId' | 'config' | 'outputFolder' | 'startedAtMs'>;

/** The status of a run that has come this far. */
export function statusOf(origin: RunOrigin, progress: RunProgress, stopRequested: boolean): RunStatus {
  const { step, totalSteps, loss, end } = progress;
  return {
    ...origin,
    ...endingOf(end),
    stopping: stopRequested && end === null,
    step,
    totalSteps,
    loss: loss === null || Number.isFinite(loss) ? loss : String(loss),
  };
}

function endingOf(end: RunProgress['end']): Pick<RunStatus, 'state' | 'endedAtMs' | 'exitCode' | 'code' | 'message'> {
  if (end === null) return { state: 'running', endedAtMs: null, exitCode: null, code: null, message: null };
  if (end.type === 'run-finished')
    return { state: 'finished', endedAtMs: end.atMs, exitCode: 0, code: null, message: null };
  const { exitCode, code, message } = end;
  return { state: 'failed', endedAtMs: end.atMs, exitCode, code, message };
}
