import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ledger } from './ledger.ts';
import { pipeline } from './pipeline.ts';

interface Change {
  readonly rows: number;
  readonly oldSize: number;
  readonly newSize: number;
  readonly trained: number;
  readonly start: number;
  readonly drop: boolean;
}

/** Counts on the row ids of the real batches. */
function counted({ rows, oldSize, newSize, trained, start, drop }: Change): { repeated: number; leftOut: number } {
  const order = { fileRows: [rows], seed: 5, shuffle: true };
  const [old, next] = [oldSize, newSize].map((size) => pipeline(order, [{ type: 'batch', size, dropRemainder: drop }]));
  const first = Math.min(Math.floor(trained / old!.size), Math.floor(start / next!.size));
  const last = Math.max(Math.floor(trained / old!.size), Math.floor(start / next!.size));
  let repeated = 0;
  let leftOut = 0;
  for (let pass = first; pass <= last; pass++) {
    const used = new Map<number, number>();
    const reached = new Set<number>();
    for (const [{ size, rowsAt }, uses] of [
      [old!, (step: number) => step < trained],
      [next!, (step: number) => step >= start],
    ] as const) {
      for (let i = 0; i < size; i++) {
        for (const row of rowsAt(pass, i)) {
          reached.add(row);
          if (uses(pass * size + i)) used.set(row, (used.get(row) ?? 0) + 1);
        }
      }
    }
    repeated += [...used.values()].filter((times) => times === 2).length;
    leftOut += [...reached].filter((row) => !used.has(row)).length;
  }
  return { repeated, leftOut };
}

const change: fc.Arbitrary<Change> = fc
  .record({ oldSize: fc.integer({ min: 1, max: 9 }), newSize: fc.integer({ min: 1, max: 9 }), drop: fc.boolean() })
  .chain((sizes) =>
    fc.record({
      oldSize: fc.constant(sizes.oldSize),
      newSize: fc.constant(sizes.newSize),
      drop: fc.constant(sizes.drop),
      rows: fc.integer({ min: Math.max(sizes.oldSize, sizes.newSize), max: 40 }),
      trained: fc.nat(40),
      start: fc.nat(40),
    }),
  );

test('the ledger is what counting the rows of the batches gives', () => {
  fc.assert(
    fc.property(change, (change) => {
      const { rows, oldSize, newSize, trained, start, drop } = change;
      const before = { batchSize: oldSize, step: trained };
      expect(ledger(rows, before, { batchSize: newSize, step: start }, drop)).toEqual(counted(change));
    }),
    { numRuns: 500 },
  );
});

test('a scale that divides step and pass exactly repeats nothing and leaves nothing out', () => {
  // The documents' demo: 40 rows, batch 4, resumed at step 24 with batch 8 and batch 2.
  const before = { batchSize: 4, step: 24 };
  expect(ledger(40, before, { batchSize: 8, step: 12 })).toEqual({ repeated: 0, leftOut: 0 });
  expect(ledger(40, before, { batchSize: 2, step: 48 })).toEqual({ repeated: 0, leftOut: 0 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat(50), (size, factor, steps) => {
      const rows = size * factor * 7;
      const large = { batchSize: size * factor, step: steps };
      const small = { batchSize: size, step: steps * factor };
      expect(ledger(rows, large, small)).toEqual({ repeated: 0, leftOut: 0 });
      expect(ledger(rows, small, large)).toEqual({ repeated: 0, leftOut: 0 });
    }),
  );
});

test('the resume variations of the real run: batch 5, exact and lowered to the sink; skip ignored', () => {
  const before = { batchSize: 4, step: 24 };
  expect(ledger(40, before, { batchSize: 5, step: 19 })).toEqual({ repeated: 1, leftOut: 0 });
  expect(ledger(40, before, { batchSize: 5, step: 18 })).toEqual({ repeated: 6, leftOut: 0 });
  expect(ledger(40, before, { batchSize: 4, step: 26 })).toEqual({ repeated: 0, leftOut: 8 });
  expect(ledger(40, before, { batchSize: 4, step: 0 })).toEqual({ repeated: 96, leftOut: 0 });
});

test('a batch larger than the data set reaches no row', () => {
  expect(ledger(3, { batchSize: 4, step: 0 }, { batchSize: 2, step: 0 })).toEqual({ repeated: 0, leftOut: 0 });
});
