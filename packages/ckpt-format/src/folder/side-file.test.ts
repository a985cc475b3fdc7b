import { expect, test } from 'vitest';
import { sideOf } from '../../test/checkpoint-of.ts';
import { formatSideFile, parseSideFile, sideFileName } from './index.ts';

const side = sideOf({ step: 4 });

function parsed(change: (value: Record<string, unknown>) => void): unknown {
  // formatSideFile gives an object.
  const value = JSON.parse(formatSideFile(side)) as Record<string, unknown>;
  change(value);
  return parseSideFile(JSON.stringify(value));
}

test('what is formatted is parsed back, slices too', () => {
  expect(parseSideFile(formatSideFile(side))).toEqual(side);
  const tensors = {
    w: {
      digest: '0123456789abcdef',
      shape: [4, 6],
      box: [
        [0, 2],
        [0, 6],
      ] as const,
    },
  };
  const sliced = { ...side, parentRun: 'before', sinkSize: 2, tensors };
  expect(parseSideFile(formatSideFile(sliced))).toEqual(sliced);
});

test('it lies beside the checkpoint', () => {
  expect(sideFileName('a_rank_0-1_2.ckpt')).toBe('a_rank_0-1_2.ckpt.cairn.json');
});

test('a later version is refused by its number', () => {
  expect(parsed((value) => (value['cairn'] = 2))).toEqual({ problem: 'has version 2, this program reads 1' });
  expect(parseSideFile('{"runId": "x"')).toEqual({ problem: 'is not JSON' });
  expect(parseSideFile('[1]')).toEqual({ problem: 'is not an object' });
});

test.each(['runId', 'parentRun', 'step', 'epoch', 'dataSteps', 'lossScale', 'tensors'])(
  'without %s it is none',
  (key) => {
    expect(parsed((value) => delete value[key])).toEqual({ problem: 'lacks a field' });
  },
);

test.each([
  ['a digest that is none', { digest: 'x', shape: [1] }],
  ['a shape that is none', { digest: '0123456789abcdef', shape: [-1] }],
  ['a box of fewer axes', { digest: '0123456789abcdef', shape: [4, 6], box: [[0, 2]] }],
  ['a box beyond the shape', { digest: '0123456789abcdef', shape: [4], box: [[2, 5]] }],
  ['a box that ends before it begins', { digest: '0123456789abcdef', shape: [4], box: [[2, 1]] }],
])('%s is refused', (_, digest) => {
  expect(parsed((value) => (value['tensors'] = { w: digest }))).toEqual({ problem: 'lacks a field' });
});
