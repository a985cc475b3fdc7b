import { anyEvent } from '@cairn/events/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, failureFrom } from './rank-message.ts';

test('what a rank says comes back, also numbers that are none', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const line = encodeMessage({ kind: 'event', body: event });
      expect(line).not.toContain('\n');
      const zero = (value: unknown): unknown => (Object.is(value, -0) ? 0 : value);
      const expected = JSON.parse(JSON.stringify(event, (_, value: unknown) => zero(value))) as object;
      const numbers = Object.fromEntries(
        Object.entries(event).filter(([, value]) => typeof value === 'number' && !Number.isFinite(value)),
      );
      expect(decodeMessage(line)).toEqual({ kind: 'event', body: { ...expected, ...numbers } });
    }),
  );
});

test('the end of a rank comes back', () => {
  const end = { kind: 'done', steps: 3, finalLoss: NaN } as const;
  expect(decodeMessage(encodeMessage(end))).toEqual(end);
});

test('a failure is an error again', () => {
  const place = { failedRank: 3, tensor: 't', file: null, byte: 7 };
  expect(failureFrom({ type: 'run-failed', code: 'inconsistent', exitCode: 4, message: 'm', ...place })).toMatchObject({
    code: 'inconsistent',
    exitCode: 4,
    message: 'm',
    place: { rank: 3, tensor: 't', byte: 7 },
  });
  expect(failureFrom({ type: 'compile-started', stage: 0 })).toMatchObject({ exitCode: 1 });
});
