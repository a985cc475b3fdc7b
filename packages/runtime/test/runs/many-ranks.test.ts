/** Runs of several ranks, against the run of one rank. */
import { describe, expect, test } from 'vitest';
import { apart, dataFolder, stepsOf, trained } from '../spread-run.ts';
import type { Spread, Step } from '../spread-run.ts';

const worlds: readonly [string, Spread, Spread?][] = [
  ['dp2', { dp: 2, rows: 4 }],
  ['dp4', { dp: 4, rows: 2 }],
  ['dp2, rows of its own', { dp: 2, rows: 4, fullBatch: false }, { fullBatch: false }],
  ['mp2', { mp: 2 }],
  ['mp4', { mp: 4 }],
  ['mp2, the vocabulary whole', { mp: 2, wholeVocabulary: true }],
  ['pp2', { pp: 2, rows: 4, micro: 2 }, { rows: 4, accumulate: 2 }],
  ['pp4', { pp: 4, rows: 2, micro: 4 }, { rows: 2, accumulate: 4 }],
  ['mp2 pp2', { mp: 2, pp: 2, rows: 4, micro: 2 }, { rows: 4, accumulate: 2 }],
  ['dp2 mp2 pp2', { dp: 2, mp: 2, pp: 2, rows: 2, micro: 2 }, { rows: 4, accumulate: 2 }],
  ['dp2 mp2 pp2, recomputed', { dp: 2, mp: 2, pp: 2, rows: 2, micro: 2, recompute: true }, { rows: 4, accumulate: 2 }],
  ['dp2, interleaved', { dp: 2, rows: 2, interleave: 2 }, { rows: 4, accumulate: 2 }],
  ['dp2 mp2, sequence', { dp: 2, mp: 2, rows: 4, sequence: true }],
  ['pp2, tied', { pp: 2, rows: 4, micro: 2, tied: true }, { rows: 4, accumulate: 2, tied: true }],
  ['cp2 mp2', { cp: 2, mp: 2 }],
  ['dp2, optimizer shards', { dp: 2, rows: 4, shards: -1 }],
  ['dp4, optimizer shards of two', { dp: 4, rows: 2, shards: 2 }],
  ['dp2 mp2 pp2, optimizer shards', { dp: 2, mp: 2, pp: 2, rows: 2, micro: 2, shards: -1 }, { rows: 4, accumulate: 2 }],
  ['mp2, the vocabulary whole, optimizer shards', { mp: 2, wholeVocabulary: true, shards: -1 }],
];

/** What a resumed run must have the bits of. */
function bitsOf(steps: readonly Step[]): unknown {
  return steps.map(({ step, loss, globalNorm, lr, lossScale }) => [step, loss, globalNorm, lr, lossScale]);
}

test.each(worlds)(
  '%s: the losses of one rank, the same on every rank; after a resume the very bits',
  async (_name, spread, lone = {}) => {
    const cwd = await dataFolder();
    const [alone] = await trained(lone, cwd, 'output_dir: ./alone');
    const expected = stepsOf(alone);
    const whole = await trained(spread, cwd);
    const [first] = whole;
    expect(apart(expected, stepsOf(first), 'loss')).toBeLessThan(1e-5);
    expect(apart(expected, stepsOf(first), 'globalNorm')).toBeLessThan(1e-4);
    for (const events of whole) expect(bitsOf(stepsOf(events))).toEqual(bitsOf(stepsOf(first)));
    const resume = 'load_checkpoint: ./output/checkpoint\nresume_training: tiny_rank_0-2_2\noutput_dir: ./again';
    const resumed = await trained(spread, cwd, resume);
    for (const events of resumed) expect(bitsOf(stepsOf(events))).toEqual(bitsOf(stepsOf(first).slice(4)));
  },
);

describe('data parallel mode (real-mindformers §6): rank r of 2 has the rows r, r + 2, …, and a mean of its own', () => {
  const data: Spread = { dp: 2, rows: 4, mode: 0, fullBatch: false };
  /** One rank with the rows of rank 0 in the first micro batch of a step and those of rank 1 in the second. */
  const alone = async (): Promise<readonly Step[]> => {
    const cwd = await dataFolder((at) => 2 * (4 * Math.floor(at / 8) + (at % 4)) + Math.floor((at % 8) / 4));
    const [events] = await trained({ rows: 4, accumulate: 2, fullBatch: false }, cwd);
    return stepsOf(events);
  };

  test('averaged, the gradients are those of one rank that takes both as micro batches', async () => {
    const expected = await alone();
    const [first, second] = (await trained(data, await dataFolder())).map(stepsOf);
    expect(apart(expected, first ?? [], 'globalNorm')).toBeLessThan(1e-4);
    expect(first?.map(({ loss }) => loss)).not.toEqual(second?.map(({ loss }) => loss));
    const means = (first ?? []).map((step, i) => ({ ...step, loss: (step.loss + (second?.[i]?.loss ?? NaN)) / 2 }));
    expect(apart(expected, means, 'loss')).toBeLessThan(1e-5);
  });

  test('added, as the default is, they are twice as large', async () => {
    const [expected] = await alone();
    const [[found] = []] = (await trained({ ...data, added: true }, await dataFolder())).map(stepsOf);
    expect(found?.globalNorm).toBeCloseTo(2 * (expected?.globalNorm ?? NaN), 5);
  });
});
