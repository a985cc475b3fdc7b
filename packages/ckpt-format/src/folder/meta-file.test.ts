import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatMeta, parseMeta } from './index.ts';

test('the text is that of Python’s json.dump', () => {
  expect(formatMeta({ lastEpoch: 2, lastStep: 2, lastFile: 'llama_tiny_rank_0-2_2.ckpt' })).toBe(
    '{"last_epoch": 2, "last_step": 2, "last_ckpt_file": "llama_tiny_rank_0-2_2.ckpt"}',
  );
  expect(formatMeta({ lastEpoch: 2, lastStep: 2, lastFile: '模"\n😀_rank_0-2_2.ckpt' })).toBe(
    '{"last_epoch": 2, "last_step": 2, "last_ckpt_file": "\\u6a21\\"\\n\\ud83d\\ude00_rank_0-2_2.ckpt"}',
  );
});

test('what is formatted is parsed back', () => {
  const anyMeta = fc.record({
    lastEpoch: fc.maxSafeNat(),
    lastStep: fc.maxSafeNat(),
    lastFile: fc
      .tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), fc.nat(), fc.constantFrom('ckpt', 'safetensors'))
      .map(([prefix, epoch, step, format]) => `${prefix.replaceAll('/', '')}p-${epoch}_${step}.${format}`),
  });
  fc.assert(
    fc.property(anyMeta, (meta) => {
      expect(parseMeta(formatMeta(meta))).toEqual(meta);
    }),
  );
});

test.each([
  ['', 'is not JSON'],
  ['{"last_epoch": 2, "last_st', 'is not JSON'],
  ['null', 'is not an object'],
  ['[]', 'last_epoch and last_step should be whole numbers'],
  ['{"last_epoch": "2", "last_step": 2, "last_ckpt_file": "a-1_2.ckpt"}', 'last_epoch and last_step'],
  ['{"last_epoch": -1, "last_step": 2, "last_ckpt_file": "a-1_2.ckpt"}', 'last_epoch and last_step'],
  ['{"last_epoch": 1.5, "last_step": 2, "last_ckpt_file": "a-1_2.ckpt"}', 'last_epoch and last_step'],
  ['{"last_epoch": 1, "last_step": 2, "last_ckpt_file": "../a-1_2.ckpt"}', 'last_ckpt_file should be a name'],
  ['{"last_epoch": 1, "last_step": 2, "last_ckpt_file": "a.ckpt"}', 'last_ckpt_file should be a name'],
  ['{"last_epoch": 1, "last_step": 2}', 'last_ckpt_file should be a name'],
])('%j is no meta.json', (text, problem) => {
  expect(parseMeta(text)).toEqual({ problem: expect.stringContaining(problem) });
});
