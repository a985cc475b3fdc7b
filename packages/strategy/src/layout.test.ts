import { expect, test } from 'vitest';
import { replicated } from './layout.ts';

test('a tensor that every device holds whole has no axis that is cut', () => {
  expect(replicated(2)).toEqual({
    deviceMatrix: [1],
    tensorMap: [-1, -1],
    optimizerShardSize: 0,
    optimizerShardStep: 0,
  });
});

test('a scalar has no axes', () => {
  expect(replicated(0).tensorMap).toEqual([]);
});

test('the devices stay arranged as they are', () => {
  expect(replicated(1, [4, 2])).toMatchObject({ deviceMatrix: [4, 2], tensorMap: [-1] });
});
