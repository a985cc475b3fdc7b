// AssemblyScript. Built into src/kernels/digest.wasm.ts by tools/build-kernels.mjs.
//
// Partial tensor digest: sum over elements of (element + p) * mix(p) mod 2^64, where p is the element's flat
// position in the full tensor, element bits are zero-extended, and
//   mix(p) = (h ^ (h >> 32)) | 1,   h = (p + 1) * GOLDEN

const GOLDEN: u64 = 0x9e3779b97f4a7c15;

@inline
function mix(h: v128): v128 {
  return v128.or(v128.xor(h, i64x2.shr_u(h, 32)), i64x2.splat(1));
}

@inline
function term(element: u64, p: u64): u64 {
  const h = (p + 1) * GOLDEN;
  return (element + p) * ((h ^ (h >> 32)) | 1);
}

@inline
function element(width: u32, at: usize): u64 {
  if (width == 1) return load<u8>(at);
  if (width == 2) return load<u16>(at);
  if (width == 4) return load<u32>(at);
  return load<u64>(at);
}

function row4(at: usize, count: u32, position: u64): u64 {
  let p = i64x2.replace_lane(i64x2.splat(position), 1, position + 1);
  let h = i64x2.mul(i64x2.add(p, i64x2.splat(1)), i64x2.splat(GOLDEN));
  let sumLow = i64x2.splat(0);
  let sumHigh = i64x2.splat(0);
  const whole = count & ~3;
  for (let i: u32 = 0; i < whole; i += 4, at += 16) {
    const four = v128.load(at);
    sumLow = i64x2.add(sumLow, i64x2.mul(i64x2.add(i64x2.extend_low_i32x4_u(four), p), mix(h)));
    p = i64x2.add(p, i64x2.splat(2));
    h = i64x2.add(h, i64x2.splat(GOLDEN * 2));
    sumHigh = i64x2.add(sumHigh, i64x2.mul(i64x2.add(i64x2.extend_high_i32x4_u(four), p), mix(h)));
    p = i64x2.add(p, i64x2.splat(2));
    h = i64x2.add(h, i64x2.splat(GOLDEN * 2));
  }
  const both = i64x2.add(sumLow, sumHigh);
  let sum: u64 = i64x2.extract_lane(both, 0) + i64x2.extract_lane(both, 1);
  for (let i: u32 = whole; i < count; i++, at += 4) sum += term(load<u32>(at), position + i);
  return sum;
}

function row2(at: usize, count: u32, position: u64): u64 {
  let p = i64x2.replace_lane(i64x2.splat(position), 1, position + 1);
  let h = i64x2.mul(i64x2.add(p, i64x2.splat(1)), i64x2.splat(GOLDEN));
  let sumLow = i64x2.splat(0);
  let sumHigh = i64x2.splat(0);
  const whole = count & ~3;
  for (let i: u32 = 0; i < whole; i += 4, at += 8) {
    const four = i32x4.extend_low_i16x8_u(v128.load64_zero(at));
    sumLow = i64x2.add(sumLow, i64x2.mul(i64x2.add(i64x2.extend_low_i32x4_u(four), p), mix(h)));
    p = i64x2.add(p, i64x2.splat(2));
    h = i64x2.add(h, i64x2.splat(GOLDEN * 2));
    sumHigh = i64x2.add(sumHigh, i64x2.mul(i64x2.add(i64x2.extend_high_i32x4_u(four), p), mix(h)));
    p = i64x2.add(p, i64x2.splat(2));
    h = i64x2.add(h, i64x2.splat(GOLDEN * 2));
  }
  const both = i64x2.add(sumLow, sumHigh);
  let sum: u64 = i64x2.extract_lane(both, 0) + i64x2.extract_lane(both, 1);
  for (let i: u32 = whole; i < count; i++, at += 2) sum += term(load<u16>(at), position + i);
  return sum;
}

function rowOf(width: u32, at: usize, count: u32, position: u64): u64 {
  let sum: u64 = 0;
  for (let i: u32 = 0; i < count; i++) sum += term(element(width, at + i * width), position + i);
  return sum;
}

/** `rows` rows of `perRow` elements, back to back in memory; row r begins at position `position + r * step`. */
export function digest(width: u32, at: usize, rows: u32, perRow: u32, position: u64, step: u64): u64 {
  let sum: u64 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    if (width == 4) sum += row4(at, perRow, position);
    else if (width == 2) sum += row2(at, perRow, position);
    else sum += rowOf(width, at, perRow, position);
    at += perRow * width;
    position += step;
  }
  return sum;
}
