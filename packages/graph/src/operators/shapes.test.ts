import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.ts';
import type { Value } from '../graph.ts';
import { isGraphError } from '../tensor.ts';

const g = new GraphBuilder();
const of = (...shape: number[]): Value => g.input(`[${shape}]`, shape);

test.each<[string, () => Value]>([
  ['shapes [2,3] and [2] do not broadcast', () => g.add(of(2, 3), of(2))],
  ['matmul of [2,3] and [2,3]', () => g.matmul(of(2, 3), of(2, 3))],
  ['matmul of [2,3] and [3]', () => g.matmul(of(2, 3), of(3))],
  ['matmul of [3] and [3,2]', () => g.matmul(of(3), of(3, 2))],
  ['matmul of [2,2,3] and [3,4]', () => g.matmul(of(2, 2, 3), of(3, 4))],
  ['[2,3] cannot be reshaped to [4]', () => g.reshape(of(2, 3), [4])],
  ['[2,3] does not broadcast to [3]', () => g.broadcast(of(2, 3), [3])],
  ['[2,3] has no rows 1 to 3', () => g.slice(of(2, 3), 1, 3)],
  ['[2,3] has no rows 1 to 1', () => g.slice(of(2, 3), 1, 1)],
  [
    'axis 0 of [3,2] does not divide among 2 ranks',
    () => g.collective(of(3, 2), { kind: 'reduce-scatter', reduce: 'sum', axis: 0, group: 'model', size: 2 }),
  ],
])('%s: is told when the graph is built', (words, build) => {
  expect(build).toThrow(words);
  expect(build).toThrow(expect.toSatisfy(isGraphError));
});
