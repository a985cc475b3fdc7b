import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

test('edits are insertions, deletions, replacements and swaps of neighbours', () => {
  expect(editDistance('sed', 'seed')).toBe(1);
  expect(editDistance('Flase', 'False')).toBe(1);
  expect(editDistance('predcit', 'predict')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
});

test('the distance is a symmetric measure that is 0 for equal words only', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('only a near name is offered', () => {
  expect(nearestName('epochs_', ['epochs', 'epoch'])).toBe('epochs');
  expect(nearestName('batchsize', ['batch_size', 'seed'])).toBe('batch_size');
  expect(nearestName('nothing', ['batch_size', 'seed'])).toBeNull();
  expect(nearestName('x'.repeat(100), ['x'.repeat(100)])).toBeNull();
});
