// AssemblyScript. Built into src/kernels/update.wasm.ts by tools/build-kernels.mjs.
//
// Arithmetic of the optimizers on blocks of float32; every operation is rounded to float32, in a fixed order.

/** Sum of squares in float64: two lanes, added at the end. */
export function sumOfSquares(at: usize, count: u32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const whole = count & ~3;
  let i: u32 = 0;
  for (; i < whole; i += 4, at += 16) {
    const four = v128.load(at);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (; i < count; i++, at += 4) {
    const x = <f64>load<f32>(at);
    sum += x * x;
  }
  return sum;
}

/**
 * Adam on `count` elements (a multiple of 4; the host pads):
 *   g = gradient * gradientScale
 *   m = beta1 * m + (1 - beta1) * g
 *   v = beta2 * v + (1 - beta2) * g * g
 *   w = w * keep - rate * m / (sqrt(v) * correction + eps)
 */
export function adam(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  count: u32,
  beta1: f32,
  beta2: f32,
  eps: f32,
  gradientScale: f32,
  keep: f32,
  rate: f32,
  correction: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const c1 = f32x4.splat(1 - beta1);
  const b2 = f32x4.splat(beta2);
  const c2 = f32x4.splat(1 - beta2);
  const small = f32x4.splat(eps);
  const scale = f32x4.splat(gradientScale);
  const kept = f32x4.splat(keep);
  const step = f32x4.splat(rate);
  const corrected = f32x4.splat(correction);
  for (let i: usize = 0; i < <usize>count * 4; i += 16) {
    const gradient = f32x4.mul(v128.load(g + i), scale);
    const first = f32x4.add(f32x4.mul(b1, v128.load(m + i)), f32x4.mul(c1, gradient));
    const second = f32x4.add(f32x4.mul(b2, v128.load(v + i)), f32x4.mul(c2, f32x4.mul(gradient, gradient)));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(second), corrected), small);
    const change = f32x4.mul(step, f32x4.div(first, root));
    v128.store(w + i, f32x4.sub(f32x4.mul(v128.load(w + i), kept), change));
  }
}
