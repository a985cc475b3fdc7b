import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowCopyKernel } from './row-copy.ts';

const BEGIN = 65536;

test('each row lands where it belongs, and nothing else changes', () => {
  const memory = new WebAssembly.Memory({ initial: 3 });
  const { copyRows } = rowCopyKernel(memory);
  const bytes = new Uint8Array(memory.buffer, BEGIN);
  const gap = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 200 }), gap, gap, (rows, row, a, b) => {
      bytes.forEach((_, i) => (bytes[i] = i % 251));
      const [from, to] = [16, 65536];
      const expected = bytes.slice();
      for (let r = 0; r < rows; r++) {
        expected.set(bytes.subarray(from + r * (row + a), from + r * (row + a) + row), to + r * (row + b));
      }
      copyRows(BEGIN + to, BEGIN + from, rows, row, row + b, row + a);
      // Comparing 128 Ki elements one by one takes half a second.
      expect(Buffer.compare(bytes, expected)).toBe(0);
    }),
  );
});
