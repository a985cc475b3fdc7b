import type { Step } from '@cairn/events';
import { expect, test } from 'vitest';
import { lossCurve } from './loss-curve.ts';

/** Steps with nothing but what a curve needs. */
function stepsOf(first: number, losses: readonly number[]): Step[] {
  return losses.map((loss, i) => ({ step: first + i, loss }) as Step);
}

test('a falling loss falls from the upper left to the lower right', () => {
  const [title, ...lines] = lossCurve(
    stepsOf(
      201,
      Array.from({ length: 300 }, (_, i) => 5 - i / 100),
    ),
  ).split('\n');
  expect(title).toBe('loss, steps 201 to 500');
  expect(lines).toHaveLength(9);
  expect(lines[0]).toMatch(/^ +4\.98 ┼─*╮ *$/);
  expect(lines.at(-1)).toMatch(/^ +2\.03 ┤ {40,}╰─* *$/);
  for (const line of lines) expect(line.length).toBeLessThan(80);
});

test('losses that are not numbers leave no hole', () => {
  expect(lossCurve(stepsOf(1, [3, NaN, 2, Infinity, 1]))).not.toContain('NaN');
});

test('one loss is no curve', () => {
  expect(lossCurve(stepsOf(1, [3, NaN]))).toBe('');
});
