import { expect, test } from 'vitest';
import { lossMask } from '../src/index.ts';
import { tinyLlama } from './tiny-llama.ts';

const spec = tinyLlama({ seqLength: 4, padTokenId: 0, ignoreTokenId: -100 });

test('a position counts by its input token: padding is left out, padding as a label is learnt', () => {
  const inputIds = Int32Array.of(5, 6, 0, 0, 7, 1, 2, 3, 4, 0);
  expect([...lossMask(spec, { inputIds })]).toEqual([1, 1, 0, 0, 1, 1, 1, 1]);
});

test('labels of their own leave out what they ignore, beside padding', () => {
  const inputIds = Int32Array.of(5, 6, 0, 8, 7);
  const labels = Int32Array.of(-100, -100, 3, 3, -100);
  expect([...lossMask(spec, { inputIds, labels })]).toEqual([0, 1, 0, 0]);
});

test('an ignored id among the input tokens leaves nothing out without labels', () => {
  const inputIds = Int32Array.of(5, 3, 3, 3, 3);
  expect([...lossMask({ ...spec, ignoreTokenId: 3 }, { inputIds })]).toEqual([1, 1, 1, 1]);
});
