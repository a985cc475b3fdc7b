import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEvent, encodeEvent, encodeSse, lineSplitter } from './codec.ts';
import type { TrainingEvent } from './events.ts';
import { isTerminal } from './events.ts';
import { anyEvent } from './testing/any-event.ts';

const warning: TrainingEvent = { runId: 'r', seq: 3, atMs: 9, type: 'warning', code: 'c', message: 'a\nb', place: '' };

test('every event survives the way to a line and back', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const line = encodeEvent(event);
      expect(line).not.toContain('\n');
      expect(decodeEvent(line)).toEqual(normal(event));
    }),
  );
});

/** JSON knows no -0. */
function normal(event: TrainingEvent): unknown {
  return Object.fromEntries(Object.entries(event).map(([key, value]) => [key, Object.is(value, -0) ? 0 : value]));
}

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

test('a server-sent event is numbered by run and position, its data is the record line', () => {
  expect(encodeSse(warning)).toBe(`id: r:3\ndata: ${encodeEvent(warning)}\n\n`);
});

test.each(['{', '[]', '{"type":"step"}', '{"type":"unheard"}'])('%s is not an event', (line) => {
  expect(() => decodeEvent(line)).toThrow(expect.objectContaining({ code: 'event-invalid' }));
});

test('exactly the ends of a run are terminal', () => {
  expect(isTerminal(warning)).toBe(false);
  expect(isTerminal({ ...warning, type: 'run-finished', steps: 1, finalLoss: null })).toBe(true);
});
