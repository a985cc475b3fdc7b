import { expect, test } from 'vitest';
import { combineDigests } from './combine-digests.ts';
import { TensorDigest, tensorDigest } from './digest.ts';

const bytes = new Uint8Array(Float32Array.of(1, -2, 3, -4, 5, -6).buffer);

test('the digests of slices combine to the digest of the whole, in any order', () => {
  const top = new TensorDigest('Float32', [3, 2])
    .addBox(bytes.subarray(0, 8), [
      [0, 1],
      [0, 2],
    ])
    .value();
  const rest = new TensorDigest('Float32', [3, 2])
    .addBox(bytes.subarray(8), [
      [1, 3],
      [0, 2],
    ])
    .value();
  const whole = tensorDigest('Float32', [3, 2], bytes);
  expect(combineDigests('Float32', [3, 2], [top, rest])).toBe(whole);
  expect(combineDigests('Float32', [3, 2], [rest, top])).toBe(whole);
  expect(combineDigests('Float32', [3, 2], [whole])).toBe(whole);
  expect(combineDigests('Float32', [3, 2], [top])).not.toBe(whole);
});
