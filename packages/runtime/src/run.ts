import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { ConfigInput, ConfigIssue, ValidConfig } from '@cairn/config';
import { blocksRun, ConfigError, formatPlace, parseConfig } from '@cairn/config';
import type { EventBody, TrainingEvent } from '@cairn/events';
import { rankPlace } from '@cairn/launcher';
import { Observable } from 'rxjs';
import { failedBody } from './failed-body.ts';
import type { MergedEvent } from './hosts/merge-ranks.ts';
import type { LaunchSettings } from './hosts/run-ranks.ts';
import { spreadOf, trainOn } from './hosts/train-on.ts';
import type { Execution } from './hosts/train-on.ts';
import { lockOutput } from './output-lock.ts';
import { RunRecord } from './record.ts';

export interface RunOptions {
  /** Working directory that relative paths start from; the process's own when absent. */
  readonly cwd?: string;
  /** Stops the run gracefully: after the step under way, as `run-failed` with code `interrupted`. */
  readonly signal?: AbortSignal;
  /** Where a run of one rank computes: here, which blocks the event loop of this process, or in a process of its own. */
  readonly ranks?: 'here' | 'processes';
  /** Ranks that are to be started; as many as the configuration says when absent. */
  readonly workers?: number;
  /** How the ranks are launched. */
  readonly launch?: Partial<LaunchSettings>;
  /** Whether the steps of all ranks are wanted, not only those of the first rank of the last stage. */
  readonly allRanks?: boolean;
  /** Id of the run; a random one when absent. */
  readonly runId?: string;
}

/**
 * Runs what a configuration describes. Cold: subscribing starts the run, unsubscribing kills it.
 *
 * Several ranks are processes that this one starts. In a process that was launched as a rank, the run is that of the rank.
 *
 * Emits every event of the run, each after it is in `events.ndjson` of the output folder; the last is `run-finished` or
 * `run-failed`. A run that fails is an event; the error channel is for faults of the program.
 */
export function run(input: ConfigInput, options: RunOptions = {}): Observable<TrainingEvent> {
  return new Observable((subscriber) => {
    const stop = new AbortController();
    const abort = (): void => stop.abort(options.signal?.reason);
    options.signal?.addEventListener('abort', abort);
    if (options.signal?.aborted === true) abort();
    void execute(input, { ...options, signal: stop.signal }, (event) => subscriber.next(event)).then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => {
      options.signal?.removeEventListener('abort', abort);
      stop.abort();
    };
  });
}

type Deliver = (event: TrainingEvent) => void;

async function execute(
  input: ConfigInput,
  options: RunOptions & { signal: AbortSignal },
  deliver: Deliver,
): Promise<void> {
  const cwd = options.cwd ?? process.cwd();
  const runId = options.runId ?? randomUUID();
  const result = await parseConfig(input);
  const blocking = result.ok ? result.warnings.filter(blocksRun) : result.errors;
  if (!result.ok || blocking.length > 0) {
    deliver(unrecorded(runId, failedBody(new ConfigError(blocking), null)));
    return;
  }
  const output = path.resolve(cwd, result.config.output_dir);
  const place = rankPlace(process.env);
  let unlock: (() => void) | null = null;
  try {
    // Of ranks that were launched, the one that reports writes the record.
    const isWriter = place === null || place.rank === spreadOf(result.config, place.size).reporter;
    unlock = isWriter ? lockOutput(output) : () => undefined;
    await recorded(new RunRecord(isWriter ? output : null, runId), result, { ...options, input, cwd, place }, deliver);
  } catch (error) {
    if (unlock !== null) throw error;
    deliver(unrecorded(runId, failedBody(error, result)));
  } finally {
    unlock?.();
  }
}

async function recorded(
  record: RunRecord,
  valid: ValidConfig,
  execution: Omit<Execution, 'runId' | 'valid'>,
  deliver: Deliver,
): Promise<void> {
  const emit = ({ body, rank, atMs }: MergedEvent): void => {
    const event = record.event(body, rank, atMs);
    record.write(event);
    deliver(event);
  };
  try {
    for (const issue of valid.warnings) emit({ body: warningBody(issue), rank: null });
    const { steps, finalLoss } = await trainOn({ ...execution, runId: record.runId, valid }, emit);
    emit({ body: { type: 'run-finished', steps, finalLoss }, rank: null });
  } catch (error) {
    const failed = record.event(failedBody(error, valid));
    try {
      record.write(failed);
    } catch {
      // The disk that ended the run does not take its last word either; who listens still hears it.
    }
    deliver(failed);
  } finally {
    record.close();
  }
}

function warningBody({ code, message, place }: ConfigIssue): EventBody {
  return { type: 'warning', code, message, place: formatPlace(place) };
}

/** The one event of a run that never got as far as a record. */
function unrecorded(runId: string, body: EventBody): TrainingEvent {
  return { runId, seq: 0, atMs: Date.now(), ...body };
}
