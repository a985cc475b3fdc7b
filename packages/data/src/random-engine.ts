/** A generator of the C++ standard library; `next` counts from its minimum. */
export interface RandomEngine {
  /** Largest value of `next`. */
  readonly range: number;
  next(): number;
}

const MINSTD_MODULUS = 2 ** 31 - 1;

/** `std::default_random_engine` of libstdc++, which is minstd_rand0: x = 16807 x mod 2^31 - 1. */
export function minstdRand0(seed: number): RandomEngine {
  let x = seed % MINSTD_MODULUS || 1;
  return {
    // Values are 1 to modulus - 1.
    range: MINSTD_MODULUS - 2,
    next() {
      // 16807 x in two halves of 16 bits, then mod 2^31 - 1 by adding what is above bit 31 (Carta).
      const low = (x & 0xffff) * 16807;
      const high = (x >>> 16) * 16807 + (low >>> 16);
      x = (((high & 0x7fff) << 16) | (low & 0xffff)) + (high >>> 15);
      if (x >= MINSTD_MODULUS) x -= MINSTD_MODULUS;
      return x - 1;
    },
  };
}

const MT_WORDS = 624;
const MT_SHIFT = 397;

/** `std::mt19937`. */
export function mt19937(seed: number): RandomEngine {
  const state = new Uint32Array(MT_WORDS);
  state[0] = seed;
  for (let i = 1; i < MT_WORDS; i++) {
    const before = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(before, 1812433253) + i;
  }
  let at = 0;
  return {
    range: 2 ** 32 - 1,
    next() {
      const y = (state[at]! & 0x80000000) | (state[(at + 1) % MT_WORDS]! & 0x7fffffff);
      state[at] = state[(at + MT_SHIFT) % MT_WORDS]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      let z = state[at]!;
      at = (at + 1) % MT_WORDS;
      z ^= z >>> 11;
      z ^= (z << 7) & 0x9d2c5680;
      z ^= (z << 15) & 0xefc60000;
      return (z ^ (z >>> 18)) >>> 0;
    },
  };
}

/** An integer from 0 to `count` - 1, as libstdc++'s uniform_int_distribution draws it. */
export function uniform(engine: RandomEngine, count: number): number {
  const scale = Math.floor(engine.range / count);
  const past = count * scale;
  for (;;) {
    const value = engine.next();
    if (value < past) return Math.floor(value / scale);
  }
}
