import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { aloneGroup } from '@cairn/collectives';
import type { ConfigInput, ConfigIssue, ValidConfig } from '@cairn/config';
import { blocksRun, ConfigError, formatPlace, parseConfig } from '@cairn/config';
import type { EventBody, TrainingEvent } from '@cairn/events';
import { Observable } from 'rxjs';
import { failureOf, locatedMessage } from './failure-of.ts';
import { lockOutput } from './output-lock.ts';
import { runInProcess } from './rank-process.ts';
import { trainRank } from './rank/train-rank.ts';
import { RunRecord } from './record.ts';

export interface RunOptions {
  /** Working directory that relative paths start from; the process's own when absent. */
  readonly cwd?: string;
  /** Stops the run gracefully: after the step under way, as `run-failed` with code `interrupted`. */
  readonly signal?: AbortSignal;
  /** Whether this process is the rank, which blocks its event loop while it computes, or starts one. */
  readonly ranks?: 'here' | 'processes';
  /** Id of the run; a random one when absent. */
  readonly runId?: string;
}

/**
 * Runs what a configuration describes. Cold: subscribing starts the run, unsubscribing kills it.
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
  let unlock: (() => void) | null = null;
  try {
    unlock = lockOutput(output);
    await recorded(
      new RunRecord(output, runId),
      result,
      { input, cwd, signal: options.signal, ranks: options.ranks ?? 'here' },
      deliver,
    );
  } catch (error) {
    if (unlock !== null) throw error;
    deliver(unrecorded(runId, failedBody(error, result)));
  } finally {
    unlock?.();
  }
}

interface Execution {
  readonly input: ConfigInput;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly ranks: 'here' | 'processes';
}

async function recorded(record: RunRecord, valid: ValidConfig, execution: Execution, deliver: Deliver): Promise<void> {
  const emit = (body: EventBody): void => {
    const event = record.event(body);
    record.write(event);
    deliver(event);
  };
  try {
    for (const issue of valid.warnings) emit(warningBody(issue));
    const { steps, finalLoss } = await train(record.runId, valid, execution, emit);
    emit({ type: 'run-finished', steps, finalLoss });
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

function train(runId: string, valid: ValidConfig, execution: Execution, emit: (body: EventBody) => void) {
  const { input, cwd, signal } = execution;
  if (execution.ranks === 'processes') return runInProcess({ input, cwd, runId }, emit, signal);
  return trainRank({ valid, runId, cwd, configFile: input.name, world: aloneGroup(), emit, signal });
}

function warningBody({ code, message, place }: ConfigIssue): EventBody {
  return { type: 'warning', code, message, place: formatPlace(place) };
}

/** How an error ends a run. */
export function failedBody(error: unknown, valid: ValidConfig | null): EventBody {
  const failure = failureOf(error);
  const { rank, tensor, file, byte } = failure.place;
  return {
    type: 'run-failed',
    code: failure.code,
    exitCode: failure.exitCode,
    message: locatedMessage(failure, valid?.origins ?? null),
    failedRank: rank ?? null,
    tensor: tensor ?? null,
    file: file ?? null,
    byte: byte ?? null,
  };
}

/** The one event of a run that never got as far as a record. */
function unrecorded(runId: string, body: EventBody): TrainingEvent {
  return { runId, seq: 0, atMs: Date.now(), ...body };
}
