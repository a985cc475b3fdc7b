import { describe, expect, test } from 'vitest';
import type { TokenRows } from '../src/index.ts';
import { aloneWith, unitInputs } from '../src/index.ts';
import { tinyLlama } from './tiny-llama.ts';

const spec = tinyLlama({ vocabulary: 12, seqLength: 3 });
const alone = aloneWith(spec, 2, 1, false);
const inputIds = Int32Array.of(4, 9, 0, 7, 11, 1, 2, 3);

/** The values of one buffer. */
function valuesOf(rows: TokenRows, name: string, place = alone, maskTotal = 4, share = 1): readonly number[] {
  return [...(unitInputs(spec, place, rows, { maskTotal, share }).get(name) ?? [])];
}

describe('the inputs of a unit', () => {
  test('tokens are all but the last of each row, labels all but the first', () => {
    expect(valuesOf({ inputIds }, 'tokens')).toEqual([4, 9, 0, 11, 1, 2]);
    expect(valuesOf({ inputIds }, 'labels')).toEqual([9, 0, 7, 1, 2, 3]);
  });

  test('padding may not be seen', () => {
    expect(valuesOf({ inputIds }, 'real')).toEqual([1, 1, 0, 1, 1, 1]);
  });

  test('loss weights are the mask over the total and 1e-8, times what the micro batch counts for', () => {
    const weight = (0.5 * 1) / Math.fround(5 + 1e-8);
    const expected = [1, 1, 0, 1, 1, 1].map((mask) => Math.fround(mask * weight));
    expect(valuesOf({ inputIds }, 'lossWeights', alone, 5, 0.5)).toEqual(expected);
  });

  test('a batch of nothing but padding has weights of zero, no NaN', () => {
    const padding = new Int32Array(8);
    expect(valuesOf({ inputIds: padding }, 'lossWeights', alone, 0)).toEqual(Array(6).fill(0));
  });

  test('labels of their own are used; what they ignore is label 0 of weight 0', () => {
    const labels = Int32Array.of(-100, -100, 0, 7, -100, 1, -100, 3);
    expect(valuesOf({ inputIds, labels }, 'labels')).toEqual([0, 0, 7, 1, 0, 3]);
    const weighted = valuesOf({ inputIds, labels }, 'lossWeights').map((weight) => weight > 0);
    expect(weighted).toEqual([false, true, false, true, false, true]);
  });

  test('with the vocabulary cut, ids count from the first of the rank, and others are blanked', () => {
    const second = { rank: 1, size: 3 };
    const place = { ...alone, embedding: second, head: second };
    expect(valuesOf({ inputIds }, 'tokens', place)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(valuesOf({ inputIds }, 'tokensHere', place)).toEqual([1, 0, 0, 0, 0, 0]);
    expect(valuesOf({ inputIds }, 'labels', place)).toEqual([0, 0, 3, 0, 0, 0]);
    expect(valuesOf({ inputIds }, 'labelsHere', place)).toEqual([0, 0, 1, 0, 0, 0]);
  });

  test.each([12, -1])('an id of %i is outside a vocabulary of 12, as token and as label', (bad) => {
    const wrong = expect.objectContaining({
      code: 'model-invalid',
      path: ['model', 'model_config', 'vocab_size'],
      message: expect.stringContaining(`token id ${bad} is outside the vocabulary of 12`),
    });
    for (const at of [0, 7]) {
      const ids = inputIds.slice();
      ids[at] = bad;
      expect(() => valuesOf({ inputIds: ids }, 'tokens')).toThrow(wrong);
    }
  });
});
