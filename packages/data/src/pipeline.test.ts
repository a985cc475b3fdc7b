import fc from 'fast-check';
import { expect, test } from 'vitest';
import { epochOrder } from './epoch-order.ts';
import type { PipelineOp } from './pipeline.ts';
import { pipeline } from './pipeline.ts';
import type { SampleOrder } from './sample-order.ts';

const op: fc.Arbitrary<PipelineOp> = fc.oneof(
  fc.record({ type: fc.constant('batch' as const), size: fc.integer({ min: 1, max: 6 }), dropRemainder: fc.boolean() }),
  fc.record({ type: fc.constant('repeat' as const), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constantFrom('skip' as const, 'take' as const), count: fc.nat(8) }),
);

/** Runs the pipeline from its begin, element by element. */
function run(ops: readonly PipelineOp[], order: SampleOrder): () => number[][] {
  let epoch = 0;
  let next = (): number[][] => Array.from(epochOrder(order, epoch++), (row) => [row]);
  for (const op of ops) {
    const before = next;
    next = () => {
      if (op.type === 'repeat') return Array.from({ length: op.count }, () => before()).flat();
      const rows = before();
      if (op.type !== 'batch') return op.type === 'skip' ? rows.slice(op.count) : rows.slice(0, op.count);
      const parts = rows.flatMap((_, i) => (i % op.size === 0 ? [rows.slice(i, i + op.size)] : []));
      return parts.filter((part) => !op.dropRemainder || part.length === op.size).map((part) => part.flat());
    };
  }
  return next;
}

test('any element of any epoch is what running the whole pipeline delivers there', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(op, { maxLength: 4 }), fc.boolean(), (rows, ops, shuffle) => {
      const order: SampleOrder = { fileRows: [rows], seed: 7, shuffle };
      const next = run(ops, order);
      const epochs = [next(), next(), next()];
      const { size, rowsAt } = pipeline(order, ops);
      for (const [epoch, elements] of epochs.entries()) {
        expect(elements).toHaveLength(size);
        // From the back: nothing may depend on what was asked before.
        for (let i = size - 1; i >= 0; i--) expect([...rowsAt(epoch, i)]).toEqual(elements[i]);
      }
    }),
  );
});
