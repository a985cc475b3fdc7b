import type { RandomEngine } from './random-engine.ts';
import { uniform } from './random-engine.ts';

/**
 * `std::shuffle` of libstdc++, in place: two positions a draw while the product of their ranges fits the engine
 * (up to 46,340 elements with minstd_rand0, 65,535 with mt19937), one a draw beyond (qwen-llama-data §5.6).
 *
 * @returns the array
 */
export function stdShuffle(array: Int32Array, engine: RandomEngine): Int32Array {
  const { length } = array;
  if (Math.floor(engine.range / length) < length) {
    for (let i = 1; i < length; i++) swap(array, i, uniform(engine, i + 1));
    return array;
  }
  let i = 1;
  if (length % 2 === 0 && length > 0) swap(array, i++, uniform(engine, 2));
  for (; i < length; i += 2) {
    const second = i + 2;
    const both = uniform(engine, (i + 1) * second);
    swap(array, i, Math.floor(both / second));
    swap(array, i + 1, both % second);
  }
  return array;
}

function swap(array: Int32Array, a: number, b: number): void {
  const kept = array[a]!;
  array[a] = array[b]!;
  array[b] = kept;
}
