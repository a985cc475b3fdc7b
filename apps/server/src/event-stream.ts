import { encodeSse } from '@cairn/events';
import { defaultIfEmpty, filter, firstValueFrom, fromEvent, map, merge, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { RecordReader } from './record-reader.ts';
import type { RecordPlace } from './record-reader.ts';
import type { RunProgress } from './run-progress.ts';

/** A run whose events can be told. */
export interface ToldRun {
  readonly record: RecordPlace;
  readonly progress: Observable<RunProgress>;
  readonly latest: RunProgress;
}

export interface EventStreamOptions {
  /** Number of the last event the client has; -1 for none. */
  readonly after: number;
  /** Silence after which a comment is sent, so that nothing on the way takes the connection for dead. */
  readonly heartbeatMs: number;
  /** The client went away. */
  readonly signal: AbortSignal;
}

/** A client that lost the connection comes back after this long. */
const RETRY_MS = 1000;

/**
 * The events of a run as the text of a `text/event-stream` (WHATWG HTML §9.2): its lines of the record, from the file.
 * Ends after the event that ended the run. A client is as slow as it likes: nothing is read before it takes more.
 */
export async function* eventStream(
  run: ToldRun,
  { after, heartbeatMs, signal }: EventStreamOptions,
): AsyncGenerator<string> {
  const reader = new RecordReader(run.record);
  let sent = after;
  try {
    yield `retry: ${RETRY_MS}\n\n`;
    for (;;) {
      // Taken before reading: what is recorded while reading may be read twice for, never missed.
      const { lastSeq, end } = run.latest;
      for await (const lines of reader.newLines()) {
        const fresh = lines.flatMap((line) => eventOf(line, run.record.runId, sent));
        sent = fresh.at(-1)?.seq ?? sent;
        if (fresh.length > 0) yield fresh.map(({ text }) => text).join('');
      }
      if (end !== null) {
        if (sent < end.seq) yield encodeSse(end); // it has no record: the run could not have its folder
        return;
      }
      if (signal.aborted) return;
      if ((await somethingNew(run.progress, lastSeq, heartbeatMs, signal)) === 'silence') yield ':\n\n';
    }
  } finally {
    await reader.close();
  }
}

const Numbered = z.object({ runId: z.string(), seq: z.int().nonnegative() });

/** A line of the record as a server-sent event; nothing when it is another run's, known already, or no event. */
function eventOf(line: string, runId: string, sent: number): { seq: number; text: string }[] {
  const event = Numbered.safeParse(parsed(line)).data;
  if (event?.runId !== runId || event.seq <= sent) return [];
  return [{ seq: event.seq, text: `id: ${runId}:${event.seq}\ndata: ${line}\n\n` }];
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null; // the rest of a line that a crash cut off
  }
}

function somethingNew(
  progress: Observable<RunProgress>,
  lastSeq: number,
  heartbeatMs: number,
  signal: AbortSignal,
): Promise<'event' | 'silence' | 'gone'> {
  const newEvent = progress.pipe(
    filter((now) => now.lastSeq > lastSeq),
    map(() => 'event' as const),
    defaultIfEmpty('event' as const), // the run has ended meanwhile
  );
  const silence = timer(heartbeatMs).pipe(map(() => 'silence' as const));
  const gone = fromEvent(signal, 'abort').pipe(map(() => 'gone' as const));
  return firstValueFrom(merge(newEvent, silence, gone));
}
