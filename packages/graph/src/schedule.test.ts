import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oneForwardOneBackward, unitsUnderWay } from './schedule.ts';
import type { Slot } from './schedule.ts';

const anyStage = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.nat(12))
  .chain(([stages, units]) =>
    fc.record({ stage: fc.nat(stages - 1), stages: fc.constant(stages), units: fc.constant(units) }),
  );

/** F0 F1 B0 … */
function written(schedule: readonly Slot[]): string {
  return schedule.map(({ pass, unit }) => `${pass === 'forward' ? 'F' : 'B'}${unit}`).join(' ');
}

test.each([
  [0, 1, 3, 'F0 B0 F1 B1 F2 B2'],
  [0, 3, 4, 'F0 F1 F2 B0 F3 B1 B2 B3'],
  [1, 3, 4, 'F0 F1 B0 F2 B1 F3 B2 B3'],
  [2, 3, 4, 'F0 B0 F1 B1 F2 B2 F3 B3'],
  [0, 4, 2, 'F0 F1 B0 B1'],
])('stage %i of %i with %i units: %s', (stage, stages, units, expected) => {
  expect(written(oneForwardOneBackward(stage, stages, units))).toBe(expected);
});

test('each unit goes forward once and backward once after it, both in order', () => {
  fc.assert(
    fc.property(anyStage, ({ stage, stages, units }) => {
      const schedule = oneForwardOneBackward(stage, stages, units);
      const order = Array.from({ length: units }, (_, unit) => unit);
      for (const pass of ['forward', 'backward'])
        expect(schedule.filter((slot) => slot.pass === pass).map(({ unit }) => unit)).toEqual(order);
      const indexOf = (pass: string, unit: number) =>
        schedule.findIndex((slot) => slot.pass === pass && slot.unit === unit);
      for (const unit of order) expect(indexOf('forward', unit)).toBeLessThan(indexOf('backward', unit));
    }),
  );
});

test('a stage holds as many units as there are stages from it on, or all', () => {
  fc.assert(
    fc.property(anyStage, ({ stage, stages, units }) => {
      expect(unitsUnderWay(oneForwardOneBackward(stage, stages, units))).toBe(Math.min(units, stages - stage));
    }),
  );
});

test('stages that send and wait for one another come to an end', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(12), (stages, units) => {
      const left = Array.from({ length: stages }, (_, stage) => [...oneForwardOneBackward(stage, stages, units)]);
      const done = new Set<string>();
      const ready = (stage: number, { pass, unit }: Slot): boolean => {
        const from = pass === 'forward' ? stage - 1 : stage + 1;
        return from < 0 || from >= stages || done.has(`${from} ${pass} ${unit}`);
      };
      for (let moved = true; moved;) {
        moved = false;
        left.forEach((slots, stage) => {
          const [next] = slots;
          if (next === undefined || !ready(stage, next)) return;
          done.add(`${stage} ${next.pass} ${next.unit}`);
          slots.shift();
          moved = true;
        });
      }
      expect(left.flat()).toEqual([]);
    }),
  );
});
