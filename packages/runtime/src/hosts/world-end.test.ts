import type { RankExit } from '@cairn/launcher';
import { describe, expect, test } from 'vitest';
import type { RankEnd } from './rank-message.ts';
import { worldEnd } from './world-end.ts';
import type { RankOutcome } from './world-end.ts';

const exited: RankExit = { exitCode: 0, signal: null, lastWords: '', wasStopped: false };

function done(rank: number, finalLoss: number): RankOutcome {
  return { rank, end: { kind: 'done', steps: 8, finalLoss }, exit: exited };
}

function failed(rank: number, code: string, exitCode: number, failedRank: number | null = null): RankOutcome {
  const place = { tensor: null, file: null, byte: null, failedRank };
  const end: RankEnd = {
    kind: 'failed',
    body: { type: 'run-failed', code, exitCode, message: `${code} of ${rank}`, ...place },
  };
  return { rank, end, exit: { ...exited, exitCode } };
}

function died(rank: number, changes: Partial<RankExit>): RankOutcome {
  return { rank, end: null, exit: { ...exited, exitCode: null, ...changes } };
}

const peerLost = (rank: number, of: number): RankOutcome => failed(rank, 'rank-lost', 5, of);

function failure(outcomes: readonly RankOutcome[], isStopped = false): unknown {
  try {
    return worldEnd(outcomes, 0, isStopped);
  } catch (error) {
    return error;
  }
}

test('the loss is that of the reporting rank', () => {
  expect(worldEnd([done(1, 2), done(0, 1)], 1, false)).toEqual({ steps: 8, finalLoss: 2 });
});

describe('of several failures counts', () => {
  test('the death of a rank, not that its peers lost it', () => {
    const outcomes = [peerLost(0, 1), died(1, { signal: 'SIGKILL', lastWords: 'words' }), peerLost(2, 0)];
    expect(failure(outcomes)).toMatchObject({
      code: 'rank-lost',
      exitCode: 5,
      message: 'rank 1 was lost (SIGKILL): words',
      place: { rank: 1 },
    });
  });

  test("a rank's own error, not that its peers lost it or were stopped", () => {
    const outcomes = [
      peerLost(0, 2),
      failed(1, 'interrupted', 130),
      failed(2, 'inconsistent', 4),
      died(3, { signal: 'SIGTERM', wasStopped: true }),
    ];
    expect(failure(outcomes)).toMatchObject({ code: 'inconsistent', exitCode: 4, place: { rank: 2 } });
  });

  test('the first of two errors', () => {
    const outcomes = [failed(1, 'no-space', 6), failed(0, 'inconsistent', 4)];
    expect(failure(outcomes)).toMatchObject({ exitCode: 6, place: { rank: 1 } });
  });

  test('what the peers of a rank that hung say of it', () => {
    const outcomes = [failed(0, 'interrupted', 130), peerLost(1, 2), died(2, { signal: 'SIGKILL', wasStopped: true })];
    expect(failure(outcomes)).toMatchObject({ code: 'rank-lost', message: 'rank-lost of 1', place: { rank: 2 } });
  });

  test('that a person stopped it', () => {
    const outcomes = [peerLost(1, 0), failed(0, 'interrupted', 130), died(2, { signal: 'SIGTERM', wasStopped: true })];
    expect(failure(outcomes, true)).toMatchObject({ code: 'interrupted', exitCode: 130, place: {} });
    expect(failure([died(0, { signal: 'SIGTERM', wasStopped: true })], true)).toMatchObject({ exitCode: 130 });
  });
});

test('a rank that ends without a word is lost, whatever its exit code', () => {
  expect(failure([done(0, 1), died(1, { exitCode: 0 })])).toMatchObject({
    exitCode: 5,
    message: 'rank 1 was lost (exit code 0)',
  });
});
