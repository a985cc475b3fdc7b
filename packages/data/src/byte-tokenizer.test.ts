import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteTokenizer } from './byte-tokenizer.ts';

test('text comes back from its ids, which are all in the vocabulary and never padding', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const ids = Array.from(byteTokenizer.encode(text));
      expect(ids.every((id) => id > byteTokenizer.eos && id < byteTokenizer.vocabSize)).toBe(true);
      expect(byteTokenizer.decode([byteTokenizer.bos, ...ids, byteTokenizer.eos, byteTokenizer.pad])).toBe(
        Buffer.from(text).toString(),
      );
    }),
  );
  expect(Array.from(byteTokenizer.encode('A\n€'))).toEqual([68, 13, 229, 133, 175]);
  expect(byteTokenizer.decode(byteTokenizer.encode('\u{feff}x') as Int32Array)).toBe('\u{feff}x');
});
