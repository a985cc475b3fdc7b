import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { encodeEvent, isTerminal } from '@cairn/events';
import type { TrainingEvent } from '@cairn/events';
import { BehaviorSubject } from 'rxjs';
import { afterAll, expect, test } from 'vitest';
import { eventStream } from './event-stream.ts';
import type { EventStreamOptions } from './event-stream.ts';
import type { RecordPlace } from './record-reader.ts';
import { NOT_STARTED, progressAfter } from './run-progress.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'cairn-stream-'));
afterAll(() => fs.rmSync(root, { recursive: true }));
let files = 0;

/** A run that a test writes the record of. */
class WrittenRun {
  readonly record: RecordPlace;
  readonly progress = new BehaviorSubject(NOT_STARTED);

  /** @param before what stands in the file when the run begins */
  constructor(before = '') {
    const file = path.join(root, `${files++}.ndjson`);
    this.record = { runId: 'mine', file, offsetBytes: Buffer.byteLength(before) };
    if (before !== '') fs.writeFileSync(file, before);
  }

  get latest() {
    return this.progress.value;
  }

  write(text: string): void {
    fs.appendFileSync(this.record.file, text);
  }

  tell(event: TrainingEvent): void {
    this.progress.next(progressAfter(this.latest, event));
    if (isTerminal(event)) this.progress.complete();
  }

  add(event: TrainingEvent): void {
    this.write(`${encodeEvent(event)}\n`);
    this.tell(event);
  }

  stream(options: Partial<EventStreamOptions> = {}): AsyncGenerator<string> {
    const quiet = { after: -1, heartbeatMs: 2 ** 30, signal: new AbortController().signal };
    return eventStream(this, { ...quiet, ...options });
  }
}

function warning(seq: number, message = `message ${seq}`, runId = 'mine'): TrainingEvent {
  return { runId, seq, atMs: 1, type: 'warning', code: 'c', message, place: '' };
}

function finished(seq: number): TrainingEvent {
  return { runId: 'mine', seq, atMs: 1, type: 'run-finished', steps: 0, finalLoss: null };
}

function told(event: TrainingEvent): string {
  return `id: ${event.runId}:${event.seq}\ndata: ${encodeEvent(event)}\n\n`;
}

async function all(stream: AsyncGenerator<string>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += piece;
  return text;
}

async function next(stream: AsyncGenerator<string>): Promise<string | undefined> {
  // The generator returns nothing at its end.
  return (await stream.next()).value as string | undefined;
}

const RETRY = 'retry: 1000\n\n';

test('lines of other runs and broken lines are passed over, and what stands before the run is not read', async () => {
  const run = new WrittenRun(`${encodeEvent(warning(0, 'another life'))}\n{"runId":"mi`);
  run.write(`\n${encodeEvent(warning(0, 'x', 'other'))}\n{"runId":"mine",\n[]\n`);
  run.add(warning(0));
  run.write('\n');
  run.add(finished(1));
  expect(await all(run.stream())).toBe(RETRY + told(warning(0)) + told(finished(1)));
});

test('the data of an event is the line of the record, byte for byte', async () => {
  const run = new WrittenRun();
  const line = '{"seq":0, "runId":"mine", "type":"of tomorrow", "text":"\\u00e9é\u2028"}';
  run.write(`${line}\n`);
  run.add(finished(1));
  expect(await all(run.stream())).toBe(`${RETRY}id: mine:0\ndata: ${line}\n\n${told(finished(1))}`);
});

test('a line that is still being written is told once it is whole', async () => {
  const run = new WrittenRun();
  const line = `${encodeEvent(warning(1, 'é'))}\n`;
  const bytes = Buffer.from(line);
  const cut = bytes.indexOf(0xc3) + 1; // within the character
  run.add(warning(0));
  fs.appendFileSync(run.record.file, bytes.subarray(0, cut));
  const stream = run.stream();
  expect(await next(stream)).toBe(RETRY);
  expect(await next(stream)).toBe(told(warning(0)));
  const rest = next(stream);
  fs.appendFileSync(run.record.file, bytes.subarray(cut));
  run.tell(warning(1, 'é'));
  expect(await rest).toBe(told(warning(1, 'é')));
  await stream.return(undefined);
});

test.each([
  [-1, 0],
  [-1, 1],
  [4, 2],
  [9, 3],
])('after event %i, whatever is written meanwhile, every event comes once and in order', async (after, turns) => {
  const run = new WrittenRun();
  const events = Array.from({ length: 10 }, (_, seq) => warning(seq, 'é'.repeat(seq * 20_000)));
  const reading = all(run.stream({ after }));
  for (const event of events) {
    run.add(event);
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  }
  run.add(finished(10));
  expect(await reading).toBe(
    RETRY +
      [...events, finished(10)]
        .slice(after + 1)
        .map(told)
        .join(''),
  );
});

test('a run that ends while its record is read is not waited for', async () => {
  const run = new WrittenRun();
  run.add(warning(0));
  const stream = run.stream();
  await next(stream);
  expect(await next(stream)).toBe(told(warning(0)));
  run.add(finished(1));
  expect(await all(stream)).toBe(told(finished(1)));
});

test('a run that never had a record is told by its one event', async () => {
  const run = new WrittenRun();
  run.tell(finished(0));
  expect(await all(run.stream())).toBe(RETRY + told(finished(0)));
});

test('silence is broken by comments', async () => {
  const stream = new WrittenRun().stream({ heartbeatMs: 1 });
  expect(await next(stream)).toBe(RETRY);
  expect([await next(stream), await next(stream)]).toEqual([':\n\n', ':\n\n']);
  await stream.return(undefined);
});

test('when the client goes away while nothing happens, the stream lets go of the run', async () => {
  const run = new WrittenRun();
  run.add(warning(0));
  const gone = new AbortController();
  const stream = run.stream({ signal: gone.signal });
  expect(await next(stream)).toBe(RETRY);
  expect(await next(stream)).toBe(told(warning(0)));
  const waiting = next(stream);
  await until(() => run.progress.observed);
  gone.abort();
  expect(await waiting).toBeUndefined();
  expect(run.progress.observed).toBe(false);
});

test('no more is read than a client takes', async () => {
  const run = new WrittenRun();
  for (let seq = 0; seq < 2000; seq++) run.write(`${encodeEvent(warning(seq, 'x'.repeat(1000)))}\n`);
  run.tell(finished(2000));
  const stream = run.stream();
  await next(stream);
  expect((await next(stream))?.length).toBeLessThan(100_000);
  await stream.return(undefined);
});

/** Lets the event loop turn until something is so. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
