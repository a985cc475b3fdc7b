import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byCodePoints } from './code-point-order.ts';

/** UTF-8 sorts as code points do. */
function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

test('is the order of code points', () => {
  const border = fc.constantFrom('a', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}');
  const text = fc.string({
    unit: fc.oneof(border, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(byCodePoints(a, b))).toBe(byUtf8(a, b));
    }),
  );
});
