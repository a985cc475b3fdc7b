/** What holds of every decision, whatever lies in the folders of the ranks. */
import type { Proof, Survey } from '@cairn/ckpt-format/folder';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Resumption, WantedCheckpoint } from '../src/index.ts';
import { decideResume, isResumeError, proofKey } from '../src/index.ts';
import { anySurveys } from './any-surveys.ts';

const anyWanted: fc.Arbitrary<WantedCheckpoint> = fc.oneof(
  fc.constant({ kind: 'newest' as const, lastTimestamp: false }),
  fc.constant({ kind: 'newest' as const, lastTimestamp: true }),
  fc.record({
    kind: fc.constant('named' as const),
    name: fc
      .tuple(fc.constantFrom('', '_1'), fc.integer({ min: 1, max: 7 }), fc.constantFrom('', '.ckpt', '.safetensors'))
      .map(([run, epoch, extension]) => `x_rank_0${run}-${epoch}_2${extension}`),
  }),
);
/** Files whose contents are damaged, though their headers are not. */
const anyDamage = fc.func(fc.boolean());

interface Outcome {
  readonly decision: Resumption | null;
  readonly code: string | null;
  readonly proofs: ReadonlyMap<string, Proof>;
}

/** Decides to the end; what is asked for is checked on the way. */
function settle(surveys: readonly Survey[], wanted: WantedCheckpoint, isDamaged: (key: string) => boolean): Outcome {
  const proofs = new Map<string, Proof>();
  for (;;) {
    try {
      const decision = decideResume(surveys, wanted, proofs);
      if (decision.kind === 'resume') return { decision, code: null, proofs };
      expect(decision.files.length).toBeGreaterThan(0);
      for (const { rank, file } of decision.files) {
        const key = proofKey(rank, file);
        expect(proofs.has(key), `${key} is asked for twice`).toBe(false);
        expect(surveys.find((survey) => survey.rank === rank)?.files.some((each) => each.file === file)).toBe(true);
        const damaged: Proof = { whole: false, why: 'damaged', differs: false, tensor: null, byte: null };
        proofs.set(key, isDamaged(key) ? damaged : { whole: true, by: ['structure'] });
      }
    } catch (error) {
      if (!isResumeError(error)) throw error;
      return { decision: null, code: error.code, proofs };
    }
  }
}

function stepsTaken(surveys: readonly Survey[], { files }: Resumption): number[] {
  return surveys.map(({ files: there }, i) => there.find(({ file }) => file === files[i])?.position?.step ?? NaN);
}

test('it comes to an end, with a file for every rank or an error that says why', () => {
  fc.assert(
    fc.property(anySurveys, anyWanted, anyDamage, (surveys, wanted, isDamaged) => {
      const { decision, code } = settle(surveys, wanted, isDamaged);
      if (decision === null) expect(['nothing-to-resume', 'inconsistent']).toContain(code);
      else expect(decision.files).toHaveLength(surveys.length);
    }),
    { numRuns: 1000 },
  );
});

test('every file that is taken is there, was proven whole, and says its step', () => {
  fc.assert(
    fc.property(anySurveys, anyWanted, anyDamage, (surveys, wanted, isDamaged) => {
      const { decision, proofs } = settle(surveys, wanted, isDamaged);
      if (decision === null) return;
      surveys.forEach(({ rank, files }, i) => {
        const taken = files.find(({ file }) => file === decision.files[i]);
        expect(taken).toMatchObject({ problem: null, position: { step: expect.any(Number) } });
        expect(proofs.get(proofKey(rank, taken?.file ?? ''))).toMatchObject({ whole: true });
      });
    }),
    { numRuns: 1000 },
  );
});

test('the ranks are at one step, unless each was to take its last by time; then the smallest counts', () => {
  fc.assert(
    fc.property(anySurveys, anyWanted, anyDamage, (surveys, wanted, isDamaged) => {
      const { decision } = settle(surveys, wanted, isDamaged);
      if (decision === null) return;
      const steps = stepsTaken(surveys, decision);
      expect(decision.step).toBe(Math.min(...steps));
      if (wanted.kind === 'named' || !wanted.lastTimestamp) expect(new Set(steps).size).toBe(1);
      else if (new Set(steps).size > 1) expect(decision.warnings.join()).toContain('the ranks are at different steps');
    }),
    { numRuns: 1000 },
  );
});

test('it never goes forward of what a meta.json names', () => {
  fc.assert(
    fc.property(anySurveys, anyDamage, (surveys, isDamaged) => {
      fc.pre(surveys.every(({ meta }) => meta !== null));
      const { decision } = settle(surveys, { kind: 'newest', lastTimestamp: false }, isDamaged);
      if (decision === null) return;
      const named = surveys.map(({ meta, files }) => files.find(({ file }) => file === meta?.lastFile)?.position?.step);
      expect(decision.step).toBeLessThanOrEqual(Math.min(...named.map((step) => step ?? Infinity)));
    }),
    { numRuns: 2000 },
  );
});

/** Steps of the saves that every rank has whole, by their label. */
function wholeEverywhere(surveys: readonly Survey[], isDamaged: (key: string) => boolean): Map<string, number> {
  const labelOf = (file: string): string => file.replace(/_rank_\d+/, '');
  const perRank = surveys.map(({ rank, files }) => {
    const sound = files.filter(({ file, problem }) => problem === null && !isDamaged(proofKey(rank, file)));
    return new Map(sound.flatMap(({ file, position }) => (position?.step ? [[labelOf(file), position.step]] : [])));
  });
  const [first, ...others] = perRank;
  return new Map([...(first ?? [])].filter(([label, step]) => others.every((other) => other.get(label) === step)));
}

test('where a rank has no meta.json, it is the newest step that is whole on every rank', () => {
  fc.assert(
    fc.property(anySurveys, anyDamage, (surveys, isDamaged) => {
      fc.pre(surveys.some(({ meta }) => meta === null));
      const { decision } = settle(surveys, { kind: 'newest', lastTimestamp: false }, isDamaged);
      const steps = [...wholeEverywhere(surveys, isDamaged).values()];
      expect(decision?.step).toBe(steps.length > 0 ? Math.max(...steps) : undefined);
    }),
    { numRuns: 1000 },
  );
});

test('below what the meta.json files name, it is the newest step that is whole on every rank', () => {
  fc.assert(
    fc.property(anySurveys, anyDamage, (surveys, isDamaged) => {
      const named = surveys.map(({ meta, files }) => files.find(({ file }) => file === meta?.lastFile)?.position?.step);
      const limit = Math.min(...named.map((step) => step ?? NaN));
      fc.pre(!Number.isNaN(limit));
      const { decision } = settle(surveys, { kind: 'newest', lastTimestamp: false }, isDamaged);
      // A step may differ between the ranks; then its smallest places it.
      const smallest = (label: string): number =>
        Math.min(
          ...surveys.flatMap(({ files }) =>
            files.flatMap(({ file, position }) =>
              file.replace(/_rank_\d+/, '') === label && position?.step ? [position.step] : [],
            ),
          ),
        );
      const below = surveys.map(({ meta }) => smallest((meta?.lastFile ?? '').replace(/_rank_\d+/, '')));
      const steps = [...wholeEverywhere(surveys, isDamaged).values()].filter((step) => step < Math.min(...below));
      expect(decision?.step ?? -Infinity).toBeGreaterThanOrEqual(Math.max(...steps));
      expect(decision?.step ?? limit).toBeLessThanOrEqual(limit);
    }),
    { numRuns: 2000 },
  );
});

test('it does not depend on the order in which a folder lists its files', () => {
  fc.assert(
    fc.property(anySurveys, anyWanted, anyDamage, (surveys, wanted, isDamaged) => {
      const reversed = surveys.map((survey) => ({ ...survey, files: survey.files.toReversed() }));
      const [one, other] = [surveys, reversed].map((each) => settle(each, wanted, isDamaged));
      expect(other?.decision).toEqual(one?.decision);
      expect(other?.code).toBe(one?.code);
    }),
    { numRuns: 500 },
  );
});

test('every candidate has a verdict, at most one is taken, and a rejection says why', () => {
  fc.assert(
    fc.property(anySurveys, anyDamage, (surveys, isDamaged) => {
      const { decision } = settle(surveys, { kind: 'newest', lastTimestamp: false }, isDamaged);
      if (decision === null) return;
      expect(decision.reasons.filter(({ verdict }) => verdict === 'taken')).toHaveLength(1);
      for (const { why } of decision.reasons) expect(why).not.toBe('');
      const labels = new Set(
        surveys.flatMap(({ files }) => files.map(({ file }) => file.replace(/_rank_\d+/, '_rank_0'))),
      );
      const told = new Set(decision.reasons.map(({ file }) => file.replace(/_rank_\d+/, '_rank_0')));
      for (const label of labels) expect(told).toContain(label);
    }),
    { numRuns: 500 },
  );
});
