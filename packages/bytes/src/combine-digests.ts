import { seedOf } from './digest.ts';
import type { ElementType } from './element-type.ts';

/**
 * The digest of a tensor from the digests of slices that make it up: each begins with the same seed, which is counted
 * once.
 *
 * @param type   element type as stored
 * @param shape  full shape of the tensor
 * @param slices digests of slices that share no element, each with the full shape; together they are the tensor
 * @returns 16 hexadecimal digits
 */
export function combineDigests(type: ElementType, shape: readonly number[], slices: Iterable<string>): string {
  const seed = seedOf(type, shape);
  let sum = seed;
  for (const slice of slices) sum += BigInt(`0x${slice}`) - seed;
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
}
