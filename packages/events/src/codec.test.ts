import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEvent, encodeEvent, encodeSse, EventCodecError, isEventCodecError, lineSplitter } from './codec.ts';
import type { TrainingEvent } from './events.ts';
import { isTerminal } from './events.ts';
import { anyEvent } from './testing/any-event.ts';

const common = { runId: 'r', seq: 3, atMs: 9 };
const warning: TrainingEvent = { ...common, type: 'warning', code: 'c', message: 'a\nb', place: '' };

/** JSON knows no -0. */
function normal(event: TrainingEvent): unknown {
  return Object.fromEntries(Object.entries(event).map(([key, value]) => [key, Object.is(value, -0) ? 0 : value]));
}

test('every event survives the way to a line and back', () => {
  const types = new Set<string>();
  fc.assert(
    fc.property(anyEvent, (event) => {
      const line = encodeEvent(event);
      expect(line).not.toContain('\n');
      expect(decodeEvent(line)).toEqual(normal(event));
      types.add(event.type);
    }),
    { numRuns: 500 },
  );
  expect(types.size).toBe(22);
});

test('losses that are not finite survive', () => {
  const finished = (finalLoss: number): TrainingEvent => ({ ...common, type: 'run-finished', steps: 1, finalLoss });
  for (const loss of [NaN, Infinity, -Infinity]) {
    expect(decodeEvent(encodeEvent(finished(loss)))).toEqual(finished(loss));
    expect(encodeEvent(finished(loss))).toContain(`"finalLoss":"${loss}"`);
  }
});

test('a text that reads like a number stays a text', () => {
  const event: TrainingEvent = { ...warning, message: 'NaN', place: 'Infinity' };
  expect(decodeEvent(encodeEvent(event))).toEqual(event);
});

test('fields that are not known are dropped, wherever they stand', () => {
  fc.assert(
    fc.property(anyEvent, fc.string({ minLength: 1 }), fc.jsonValue(), (event, name, value) => {
      fc.pre(!(name in event) && name !== 'rank' && name !== 'rankSeq');
      const line = JSON.stringify({ [name]: value, ...(JSON.parse(encodeEvent(event)) as object) });
      expect(decodeEvent(line)).toEqual(normal(event));
    }),
  );
});

test('a hostile line is an error that carries it, and changes no prototype', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
      try {
        decodeEvent(line);
      } catch (error) {
        expect(isEventCodecError(error)).toBe(true);
        expect(error).toMatchObject({ code: 'event-invalid', line });
      }
    }),
  );
  const polluting = `{"__proto__":{"polluted":true},${encodeEvent(warning).slice(1)}`;
  expect(decodeEvent(polluting)).toEqual(warning);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('a line of another thing says what is wrong, however long it is', () => {
  expect(() => decodeEvent(`x${'y'.repeat(1e6)}`)).toThrow(/^not a line of JSON: xy{79}$/);
  const line = encodeEvent(warning).replace('"seq":3', '"seq":-3');
  expect(() => decodeEvent(line)).toThrow(/^not an event: seq /);
});

test.each([
  ['a negative count', { seq: -1 }],
  ['a count with a fraction', { seq: 1.5 }],
  ['a count beyond 2^53', { seq: 2 ** 60 }],
  ['a text for a number', { atMs: '5' }],
  ['nothing where something must be', { message: null }],
])('%s is not an event', (_, change) => {
  expect(() => decodeEvent(JSON.stringify({ ...warning, ...change }))).toThrow(EventCodecError);
});

test('lines are whole however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 5 }), fc.array(fc.nat(400)), (events, cuts) => {
      const text = events.map((event) => `${encodeEvent(event)}\n`).join('');
      const split = lineSplitter();
      const places = [...cuts, text.length].map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b);
      const pieces = places.map((place, i) => text.slice(places[i - 1] ?? 0, place));
      expect(pieces.flatMap(split)).toEqual(events.map(encodeEvent));
    }),
  );
});

test('lines are whole however their bytes are cut, also inside a character', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 4 }), fc.array(fc.nat(600)), (events, cuts) => {
      const lines = events.map((event) => JSON.stringify({ ...event, emoji: '\u2028🪨é' }));
      const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
      const places = [...cuts, bytes.length].map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b);
      const decoder = new TextDecoder();
      const split = lineSplitter();
      const found = places.flatMap((place, i) =>
        split(decoder.decode(bytes.subarray(places[i - 1] ?? 0, place), { stream: true })),
      );
      expect(found).toEqual(lines);
    }),
  );
});

test('only a newline ends a line; what follows the last one waits', () => {
  const split = lineSplitter();
  expect(split('a\u2028b\rc\n\n\nd')).toEqual(['a\u2028b\rc']);
  expect(split('e')).toEqual([]);
  expect(split('\n')).toEqual(['de']);
  expect(split('')).toEqual([]);
});

test('a line of many pieces is put together once', () => {
  const split = lineSplitter();
  const early = Array.from({ length: 20_000 }, () => split('0123456789'.repeat(20))).flat();
  expect(early).toEqual([]);
  expect(split('\n')[0]).toHaveLength(4_000_000);
});

test('a server-sent event is numbered by run and position, its data is the record line', () => {
  expect(encodeSse(warning)).toBe(`id: r:3\ndata: ${encodeEvent(warning)}\n\n`);
});

test('an id stays on its line whatever the run is called', () => {
  const id = encodeSse({ ...warning, runId: 'a\n\rdata: x\0' }).split('\n');
  expect(id).toEqual(['id: adata: x:3', expect.stringMatching(/^data: \{/), '', '']);
});

test.each(['', '{', '[]', '{"type":"step"}', '{"type":"unheard"}'])('%s is not an event', (line) => {
  expect(() => decodeEvent(line)).toThrow(expect.objectContaining({ code: 'event-invalid' }));
});

test('exactly the ends of a run are terminal', () => {
  expect(isTerminal(warning)).toBe(false);
  expect(isTerminal({ ...warning, type: 'run-finished', steps: 1, finalLoss: null })).toBe(true);
});
