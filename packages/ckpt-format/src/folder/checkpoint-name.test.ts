import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckpointName } from './index.ts';
import { formatCheckpointName, nextRun, parseCheckpointName, runPrefix } from './index.ts';

const anyName: fc.Arbitrary<CheckpointName> = fc.record({
  prefix: fc.oneof(
    fc.constantFrom('llama_7b', 'CKP', 'a_rank_1', 'x-1_2', '模型', '_', 'a.ckpt'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => !text.includes('/')),
  ),
  rank: fc.integer({ min: 0, max: 999_999_999 }),
  run: fc.integer({ min: 0, max: 999_999_999 }),
  epoch: fc.integer({ min: 0, max: 10 ** 15 - 1 }),
  step: fc.integer({ min: 0, max: 10 ** 15 - 1 }),
  format: fc.constantFrom('ckpt', 'safetensors'),
});

describe('names', () => {
  test('sunk: the number of sinks and the sink size', () => {
    const parts = { prefix: 'llama_7b', rank: 3, run: 0, epoch: 12, step: 2, format: 'ckpt' } as const;
    expect(formatCheckpointName(parts)).toBe('llama_7b_rank_3-12_2.ckpt');
    expect(parseCheckpointName('llama_7b_rank_3-12_2.ckpt')).toEqual(parts);
  });

  test('not sunk: the epoch and the step in it; of a second run in the folder, with its number', () => {
    const parts = { prefix: 'llama_7b', rank: 0, run: 1, epoch: 3, step: 10, format: 'safetensors' } as const;
    expect(formatCheckpointName(parts)).toBe('llama_7b_rank_0_1-3_10.safetensors');
    expect(parseCheckpointName('llama_7b_rank_0_1-3_10.safetensors')).toEqual(parts);
  });

  test('what is formatted is parsed back', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        expect(parseCheckpointName(formatCheckpointName(name))).toEqual(name);
      }),
    );
  });

  test('no two names are parsed to the same parts', () => {
    const near = fc.stringMatching(/^[xy]_rank_[01]{1,3}(_[01]{1,2})?-[01]{1,3}_[01]{1,2}\.ckpt$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        const parts = parseCheckpointName(text);
        expect(parts === null ? text : formatCheckpointName(parts)).toBe(text);
      }),
    );
  });

  test.each([
    'llama_7b_rank_0-network.ckpt',
    'llama_7b_rank_0-network-2_2.ckpt',
    'llama_7b_rank_0-trainable_params-2_2.ckpt',
    'llama_7b_rank_0-12_2_breakpoint.ckpt',
    'llama_7b_rank_0-graph.meta',
    'llama_7b_rank_0-12_2.tmp',
    'llama_7b_rank_0-12_2.ckpt.cairn.json',
    'llama_7b-12_2.ckpt',
    '_rank_0-12_2.ckpt',
    'x_rank_0_0-12_2.ckpt',
    'x_rank_00-12_2.ckpt',
    'x_rank_0-012_2.ckpt',
    'x_rank_0--1_2.ckpt',
    'x_rank_0-1.5_2.ckpt',
    'older/x_rank_0-12_2.ckpt',
    'x_rank_0-9999999999999999_2.ckpt',
    'meta.json',
    '',
  ])('%j is not the name of a checkpoint', (name) => {
    expect(parseCheckpointName(name)).toBeNull();
  });

  test('the prefix of a run has its number from the second on', () => {
    expect(runPrefix({ prefix: 'a', rank: 7, run: 0 })).toBe('a_rank_7');
    expect(runPrefix({ prefix: 'a', rank: 7, run: 2 })).toBe('a_rank_7_2');
  });
});

describe('the number of a new run', () => {
  const next = (...names: string[]): number => nextRun('x_rank_0', names);

  test('is none in an empty folder, and beside files of other prefixes and ranks', () => {
    expect(next()).toBe(0);
    expect(next('y_rank_0-1_2.ckpt', 'x_rank_00-1_2.ckpt', 'x_rank_01-1_2.ckpt', 'meta.json', 'x_rank_0')).toBe(0);
  });

  test('is 1 beside files of the first run, and one more than the largest beside later ones', () => {
    expect(next('x_rank_0-1_2.ckpt')).toBe(1);
    expect(next('x_rank_0-1_2.safetensors')).toBe(1);
    expect(next('x_rank_0_1-1_2.ckpt', 'x_rank_0-1_2.ckpt')).toBe(2);
    expect(next('x_rank_0_9-1_2.ckpt', 'x_rank_0_10-1_2.ckpt')).toBe(11);
  });

  test('is not raised by breakpoints, graphs, side files and what was never finished', () => {
    const others = ['-1_2_breakpoint.ckpt', '-graph.meta', '-1_2.ckpt.cairn.json', '-1_2.tmp', '_a-1_2.ckpt'];
    expect(next(...others.map((rest) => `x_rank_0${rest}`))).toBe(0);
  });

  test('of one run makes names that raise the next', () => {
    fc.assert(
      fc.property(anyName, (name) => {
        const { prefix, rank, run } = name;
        expect(nextRun(`${prefix}_rank_${rank}`, [formatCheckpointName(name)])).toBe(run + 1);
      }),
    );
  });
});
