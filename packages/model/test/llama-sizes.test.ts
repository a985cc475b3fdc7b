import { describe, expect, test } from 'vitest';
import { checkSpec, ffnWidth, headWidth, isModelError } from '../src/index.ts';
import { tinyLlama } from './tiny-llama.ts';

describe('the width of the feed-forward network', () => {
  test.each([
    { hidden: 4096, multipleOf: 256, multiplier: null, width: 11_008, worked: '⌊2·16384/3⌋ = 10922 → 43·256' },
    { hidden: 5120, multipleOf: 256, multiplier: null, width: 13_824, worked: '⌊2·20480/3⌋ = 13653 → 54·256' },
    {
      hidden: 8192,
      multipleOf: 256,
      multiplier: 1.3,
      width: 28_672,
      worked: '⌊1.31·32768⌋ = 42926, ⌊2·42926/3⌋ = 28617',
    },
    { hidden: 8192, multipleOf: 4096, multiplier: 1.3, width: 28_672, worked: '28617 → 7·4096' },
    { hidden: 3, multipleOf: 1, multiplier: null, width: 8, worked: '2·12/3 is whole already' },
    { hidden: 3, multipleOf: 8, multiplier: null, width: 8, worked: 'a multiple stays' },
    { hidden: 4, multipleOf: 1, multiplier: 1, width: 10, worked: '⌊1.01·16⌋ = 16, ⌊32/3⌋ = 10' },
  ])('of hidden $hidden, multiple $multipleOf, multiplier $multiplier is $width ($worked)', ({ width, ...options }) => {
    expect(ffnWidth(options)).toBe(width);
  });
});

describe('sizes that cannot be', () => {
  test.each([
    [{ hidden: 12, heads: 5 }, 'num_heads', 'hidden_size 12 does not divide by 5 heads'],
    [{ hidden: 12, heads: 4, kvHeads: 4 }, 'num_heads', 'a head of 3 channels has no halves to rotate'],
    [{ hidden: 12, heads: 6, kvHeads: 4 }, 'n_kv_heads', '6 heads do not divide by 4 key/value heads'],
  ])('%o: the error names %s', (changes, key, words) => {
    const check = (): unknown => checkSpec(tinyLlama(changes));
    expect(check).toThrow(words);
    expect(check).toThrow(expect.objectContaining({ code: 'model-invalid', path: ['model', 'model_config', key] }));
    expect(check).toThrow(expect.toSatisfy(isModelError));
  });

  test('sizes that fit pass through unchanged', () => {
    const spec = tinyLlama({ hidden: 12, heads: 6, kvHeads: 2 });
    expect(checkSpec(spec)).toBe(spec);
    expect(headWidth(spec)).toBe(2);
  });
});
