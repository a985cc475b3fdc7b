import { expect, test } from 'vitest';
import { divideRanks } from './divide-ranks.ts';
import { isTransformError } from './transform-error.ts';

test('T-01: eight ranks: two processes are ranks 0 and 4, eight are all', () => {
  expect(divideRanks(8, 2)).toEqual([
    { worker: 0, ranks: [0, 1, 2, 3] },
    { worker: 4, ranks: [4, 5, 6, 7] },
  ]);
  expect(divideRanks(8, 8).map(({ worker }) => worker)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(divideRanks(1, 1)).toEqual([{ worker: 0, ranks: [0] }]);
});

test.each([3, 0, 16, -2, 1.5, NaN])('T-15: %d processes for eight ranks are refused', (processes) => {
  expect(() => divideRanks(8, processes)).toThrow(
    expect.toSatisfy((error: unknown) => isTransformError(error) && error.code === 'usage'),
  );
});
