/**
 * bfloat16 and float16 as the upper or packed bits of float32, rounded to nearest, ties to even.
 * Infinities stay, NaN stays NaN (quiet), overflow of float16 becomes infinity.
 */

/** float32 values → bfloat16 bits. */
export function bfloat16Bits(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    const isNan = (b & 0x7fffffff) > 0x7f800000;
    out[i] = isNan ? (b >>> 16) | 0x40 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return out;
}

/** bfloat16 bits → float32 values, exact. */
export function fromBfloat16Bits(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = bits[i]! << 16;
  return new Float32Array(out.buffer);
}

/** float32 values → float16 bits. */
export function float16Bits(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = float16Of(bits[i]!);
  return out;
}

/** One float32 (as bits) to float16 bits. */
function float16Of(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 is half way between the largest float16 and the next power of two.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  // Subnormal: the mantissa with its hidden bit, shifted so that the last place is worth 2^-24.
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return sign;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (rest > half || (rest === half && kept & 1) ? kept + 1 : kept);
}

/** float16 bits → float32 values, exact. */
export function fromFloat16Bits(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const b = bits[i]!;
    const exponent = (b >>> 10) & 31;
    const mantissa = b & 1023;
    const value =
      exponent === 0
        ? mantissa * 2 ** -24
        : exponent === 31
          ? mantissa === 0
            ? Infinity
            : NaN
          : (1 + mantissa / 1024) * 2 ** (exponent - 15);
    out[i] = b & 0x8000 ? -value : value;
  }
  return out;
}

/** Rounds float32 values to the values of another floating type, in place. */
export function roundTo(type: 'Float16' | 'BFloat16' | 'Float32', values: Float32Array): Float32Array {
  if (type === 'Float16') values.set(fromFloat16Bits(float16Bits(values)));
  if (type === 'BFloat16') values.set(fromBfloat16Bits(bfloat16Bits(values)));
  return values;
}
