import type { Proof, Survey, SurveyedFile } from '@cairn/ckpt-format/folder';
import { formatCheckpointName, parseCheckpointName } from '@cairn/ckpt-format/folder';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Resumption, WantedCheckpoint } from './decide-resume.ts';
import { decideResume, proofKey } from './decide-resume.ts';

const newest: WantedCheckpoint = { kind: 'newest', lastTimestamp: false };

/** A file with sinks of 2: `12_2` is step 24. `x_1-5_2` belongs to run 1. */
function file(rank: number, text: string, changes: Partial<SurveyedFile> = {}): SurveyedFile {
  const [, run = '0', epoch = '0', step = '0'] = /^(?:x_(\d+)-)?(\d+)_(\d+)$/.exec(text) ?? [];
  const name = {
    prefix: 'x',
    rank,
    run: Number(run),
    epoch: Number(epoch),
    step: Number(step),
    format: 'ckpt',
  } as const;
  const position = { step: name.epoch * name.step, epoch: name.epoch, globalBatchSize: 4, lossScale: 1 };
  return {
    file: formatCheckpointName(name),
    name,
    bytes: 1,
    modifiedMs: position.step,
    position,
    problem: null,
    side: true,
    ...changes,
  };
}

function rankOf(rank: number, files: readonly (string | SurveyedFile)[], meta: string | null): Survey {
  const all = files.map((each) => (typeof each === 'string' ? file(rank, each) : each));
  const last = meta === null ? null : file(rank, meta);
  return {
    rank,
    meta: last && { lastEpoch: last.name.epoch, lastStep: last.name.step, lastFile: last.file },
    metaProblem: last ? null : `rank_${rank}/meta.json is not there`,
    files: all,
  };
}

/** Decides with all proofs at hand; files in `damaged` are not whole. */
function decide(surveys: readonly Survey[], wanted = newest, damaged: readonly string[] = []): Resumption {
  const proofs = new Map<string, Proof>();
  for (;;) {
    const decision = decideResume(surveys, wanted, proofs);
    if (decision.kind === 'resume') return decision;
    for (const each of decision.files) {
      const whole = !damaged.includes(each.file);
      const proof: Proof = whole
        ? { whole, by: ['structure'] }
        : { whole, why: 'truncated', differs: false, tensor: null, byte: 9 };
      proofs.set(proofKey(each.rank, each.file), proof);
    }
  }
}

describe('the newest', () => {
  test('is what meta.json names, though a newer file lies there', () => {
    expect(decide([rankOf(0, ['3_2', '6_2', '9_2'], '6_2')])).toMatchObject({ files: ['x_rank_0-6_2.ckpt'], step: 12 });
  });

  test('falls back where a rank lacks a file: 6_2 missing on one, 9_2 on the other, so 3_2', () => {
    const decision = decide([rankOf(0, ['3_2', '9_2'], '9_2'), rankOf(1, ['3_2', '6_2'], '6_2')]);
    expect(decision.files).toEqual(['x_rank_0-3_2.ckpt', 'x_rank_1-3_2.ckpt']);
    expect(decision.reasons).toContainEqual({
      rank: 0,
      file: 'x_rank_0-6_2.ckpt',
      verdict: 'rejected',
      why: 'it is not there',
    });
  });

  test('is the smallest step where the ranks differ, although a newer one is whole', () => {
    const all = ['10_2', '15_2', '20_2'];
    const decision = decide([rankOf(0, all, '20_2'), rankOf(1, all, '15_2')]);
    expect(decision.step).toBe(30);
  });

  test('falls back over damaged files and says which and why', () => {
    const all = ['10_2', '15_2', '20_2'];
    const ranks = [
      rankOf(0, all, '20_2'),
      rankOf(1, ['10_2', file(1, '15_2', { problem: 'truncated at byte 7', position: null }), '20_2'], '20_2'),
    ];
    const decision = decide(ranks, newest, ['x_rank_0-20_2.ckpt']);
    expect(decision.step).toBe(20);
    expect(decision.reasons.filter(({ verdict }) => verdict === 'rejected')).toEqual([
      { rank: 0, file: 'x_rank_0-20_2.ckpt', verdict: 'rejected', why: 'truncated' },
      { rank: 1, file: 'x_rank_1-15_2.ckpt', verdict: 'rejected', why: 'truncated at byte 7' },
    ]);
  });

  test('is by step where a rank has no meta.json, and that is said with the file that is last by time', () => {
    const ranks = [
      rankOf(0, ['10_2', '20_2'], '10_2'),
      rankOf(1, [file(1, '10_2', { modifiedMs: 999 }), '20_2'], null),
    ];
    const decision = decide(ranks);
    expect(decision.step).toBe(40);
    expect(decision.warnings.join('\n')).toMatch(
      /rank_1\/meta.json is not there[^]*x_rank_1-10_2.ckpt is the last by time/,
    );
  });

  test('is looked for behind an unreadable file that meta.json names, however its name stands among the steps', () => {
    // By step 10_2 (20) is newer than 3_2 (6); the unreadable 5_2 says no step and stands between them by name.
    const unreadable = file(0, '5_2', { position: null, problem: 'truncated' });
    const decision = decide([rankOf(0, ['10_2', unreadable, '3_2'], '5_2')]);
    expect(decision.step).toBe(6);
    expect(decision.reasons.map(({ file, verdict }) => [file, verdict])).toEqual([
      ['x_rank_0-10_2.ckpt', 'not-needed'],
      ['x_rank_0-5_2.ckpt', 'rejected'],
      ['x_rank_0-3_2.ckpt', 'taken'],
    ]);
  });

  test('is the one of the format that meta.json names, not one of the same name in another', () => {
    const other = { prefix: 'x', rank: 0, run: 0, epoch: 6, step: 2, format: 'safetensors' } as const;
    const later = file(0, '6_2').position;
    const forward: SurveyedFile = {
      ...file(0, '6_2'),
      file: formatCheckpointName(other),
      name: other,
      position: later && { ...later, step: 13 },
    };
    expect(decide([rankOf(0, [forward, '6_2'], '6_2')])).toMatchObject({ files: ['x_rank_0-6_2.ckpt'], step: 12 });
  });

  test('is placed by name when the file meta.json names is gone', () => {
    expect(decide([rankOf(0, ['3_2', '6_2', '12_2'], '9_2')]).files).toEqual(['x_rank_0-6_2.ckpt']);
  });

  test('of a second run in the folder may be of the first, when the second has nothing whole', () => {
    const decision = decide([rankOf(0, ['12_2', 'x_1-15_2'], 'x_1-15_2')], newest, ['x_rank_0_1-15_2.ckpt']);
    expect(decision.files).toEqual(['x_rank_0-12_2.ckpt']);
    expect(decision.warnings.join()).toContain('x_rank_0-12_2.ckpt is of another run than x_rank_0_1-15_2.ckpt');
  });

  test('is never a file of weights only', () => {
    const weights = file(0, '9_2', {
      position: { step: null, epoch: null, globalBatchSize: null, lossScale: null },
    });
    expect(decide([rankOf(0, ['3_2', weights], null)]).step).toBe(6);
  });

  test('does not exist in empty folders, or where nothing is whole: nothing to resume', () => {
    expect(() => decide([rankOf(0, [], null)])).toThrow(expect.objectContaining({ code: 'nothing-to-resume' }));
    expect(() => decide([rankOf(0, ['3_2'], '3_2')], newest, ['x_rank_0-3_2.ckpt'])).toThrow(
      /x_rank_0-3_2.ckpt: truncated/,
    );
  });
});

describe('a named one', () => {
  const all = ['3_2', '6_2', '9_2'];
  const ranks = [rankOf(0, all, '9_2'), rankOf(1, all, '9_2')];
  const named = (name: string): WantedCheckpoint => ({ kind: 'named', name });

  test('may be named by any rank, without its extension, with a path before it', () => {
    for (const name of ['x_rank_0-6_2.ckpt', 'x_rank_1-6_2', 'output/checkpoint/rank_1/x_rank_1-6_2.ckpt']) {
      expect(decide(ranks, named(name)).files).toEqual(['x_rank_0-6_2.ckpt', 'x_rank_1-6_2.ckpt']);
    }
  });

  test('without its extension is found in either format, .ckpt first', () => {
    const safetensors = (rank: number): SurveyedFile => {
      const name = { prefix: 'x', rank, run: 0, epoch: 6, step: 2, format: 'safetensors' } as const;
      return { ...file(rank, '6_2'), file: formatCheckpointName(name), name };
    };
    const only = [rankOf(0, [safetensors(0)], '6_2')];
    expect(decide(only, named('x_rank_0-6_2')).files).toEqual(['x_rank_0-6_2.safetensors']);
    expect(() => decide(only, named('x_rank_0-6_2.ckpt'))).toThrow('there are x_rank_0-6_2.safetensors');
    const both = [rankOf(0, [safetensors(0), '6_2'], '6_2')];
    expect(decide(both, named('x_rank_0-6_2')).files).toEqual(['x_rank_0-6_2.ckpt']);
    expect(decide(both, named('x_rank_0-6_2.safetensors')).files).toEqual(['x_rank_0-6_2.safetensors']);
  });

  test('is taken strictly: absent or damaged on any rank is inconsistent', () => {
    expect(() => decide(ranks, named('x_rank_0-7_2'))).toThrow(/x_rank_0-7_2 is not there; there are x_rank_0-9_2/);
    const damaged = { code: 'inconsistent', rank: 1, file: 'x_rank_1-6_2.ckpt' };
    expect(() => decide(ranks, named('x_rank_0-6_2'), ['x_rank_1-6_2.ckpt'])).toThrow(expect.objectContaining(damaged));
    const lacking = [ranks[0]!, rankOf(1, ['3_2'], '3_2')];
    expect(() => decide(lacking, named('x_rank_0-6_2'))).toThrow(/rank 1: x_rank_1-6_2.ckpt: it is not there/);
  });

  test('without a rank in it is refused', () => {
    expect(() => decide(ranks, named('x-6_2.ckpt'))).toThrow(expect.objectContaining({ code: 'refused' }));
  });
});

describe('each rank its last by time', () => {
  const byTime: WantedCheckpoint = { kind: 'newest', lastTimestamp: true };

  test('may be of different steps: the smallest counts, with a warning that lists them', () => {
    const decision = decide([rankOf(0, ['6_2', '9_2'], '9_2'), rankOf(1, ['6_2'], '6_2')], byTime);
    expect(decision).toMatchObject({ files: ['x_rank_0-9_2.ckpt', 'x_rank_1-6_2.ckpt'], step: 12 });
    expect(decision.warnings.join()).toContain('rank 0 at step 18, rank 1 at step 12');
  });

  test('of several written at the same time is the one of the latest step', () => {
    const same = (text: string): SurveyedFile => file(0, text, { modifiedMs: 5 });
    expect(decide([rankOf(0, [same('10_2'), same('9_2')], '9_2')], byTime).files).toEqual(['x_rank_0-10_2.ckpt']);
    expect(decide([rankOf(0, [same('9_2'), same('10_2')], '9_2')], byTime).files).toEqual(['x_rank_0-10_2.ckpt']);
  });

  test('that is damaged is inconsistent', () => {
    expect(() => decide([rankOf(0, ['6_2'], '6_2')], byTime, ['x_rank_0-6_2.ckpt'])).toThrow(
      expect.objectContaining({ code: 'inconsistent', rank: 0 }),
    );
  });
});

test('whatever is missing or damaged, what is taken is the newest step that is whole everywhere', () => {
  const state = fc.constantFrom('whole', 'whole', 'missing', 'damaged', 'unreadable');
  const grid = fc.array(fc.array(state, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(grid, (ranks) => {
      const damaged: string[] = [];
      const surveys = ranks.map((states, rank) => {
        const files = states.flatMap((each, i) => {
          if (each === 'missing') return [];
          const found = file(
            rank,
            `${i + 1}_2`,
            each === 'unreadable' ? { position: null, problem: 'unreadable' } : {},
          );
          if (each === 'damaged') damaged.push(found.file);
          return [found];
        });
        return rankOf(rank, files, '4_2');
      });
      const best = [3, 2, 1, 0].find((i) => ranks.every((states) => states[i] === 'whole'));
      if (best === undefined) expect(() => decide(surveys, newest, damaged)).toThrow(/whole|no rank folder/);
      else expect(decide(surveys, newest, damaged).step).toBe((best + 1) * 2);
    }),
  );
});

test('names survive the way to text and back', () => {
  const names = fc.record({
    prefix: fc.stringMatching(/^[a-z][a-z0-9_]{0,8}[a-z]$/),
    rank: fc.nat(2000),
    run: fc.nat(20),
    epoch: fc.nat(),
    step: fc.nat(),
    format: fc.constantFrom('ckpt' as const, 'safetensors' as const),
  });
  fc.assert(
    fc.property(names, (name) => {
      expect(parseCheckpointName(formatCheckpointName(name))).toEqual(name);
    }),
  );
});
