import { bfloat16Bits, float16Bits, fromBfloat16Bits, fromFloat16Bits } from '@cairn/bytes';
import type { ElementType } from '@cairn/bytes';

/** Significant digits that tell every double from its neighbours. */
const MAX_DIGITS = 17;

/** The nearest value of an element type. */
export function rounding(dtype: ElementType): (value: number) => number {
  switch (dtype) {
    case 'Float16':
      return (value) => fromFloat16Bits(float16Bits(Float32Array.of(value)))[0]!;
    case 'BFloat16':
      return (value) => fromBfloat16Bits(bfloat16Bits(Float32Array.of(value)))[0]!;
    case 'Float32':
      return Math.fround;
    default:
      return (value) => value;
  }
}

/** The fewest digits that give the same value of the type back, in exponential notation. */
export function shortestDigits(value: number, round: (value: number) => number): string {
  for (let places = 0; places < MAX_DIGITS; places++) {
    const nearest = digitsOf(value, places);
    if (round(Number(nearest)) === value) return nearest;
    // Below a power of two values are closer to each other than above it: the number above may do where the nearest does not.
    const above = nextAbove(nearest, value);
    if (above !== null && round(Number(above)) === value) return above;
  }
  return value.toExponential();
}

/** The next number of so many digits that is farther from zero than the value; null when the digits are already. */
function nextAbove(digits: string, value: number): string | null {
  const places = (digits.split('e')[0]?.split('.')[1] ?? '').length;
  const step = 10 ** (Number(digits.split('e')[1] ?? '0') - places);
  if (Math.abs(Number(digits)) >= Math.abs(value)) return null;
  return (Number(digits) + Math.sign(value) * step).toExponential(places);
}

/**
 * A number in exponential notation with so many digits behind the point; half way between two of them it is the one with
 * the even last digit, as numpy has it, where JavaScript takes the larger.
 */
export function digitsOf(value: number, places: number): string {
  const text = value.toExponential(places);
  if (!value.toExponential(places + 1).includes('5e')) return text;
  // No float has more digits than this without their being zeros from here on.
  const [exact = '', exponent = ''] = value.toExponential(100).split('e');
  const kept = exact.slice(0, exact.length - 100 + places);
  const isHalf = /^50*$/.test(exact.slice(exact.length - 100 + places));
  return isHalf && /[02468]\.?$/.test(kept) ? `${kept.replace(/\.$/, '')}e${exponent}` : text;
}

/** Digits behind the point that a number of {@link shortestDigits} has when it is written without exponent. */
export function decimalsOf(digits: string): number {
  const [mantissa = '', exponent = '0'] = digits.split('e');
  return Math.max(0, (mantissa.split('.')[1] ?? '').length - Number(exponent));
}

/** A float on its own, as Python writes a numpy scalar: `0.5`, `12.0`, `1e-05`. */
export function scalarText(value: number, dtype: ElementType): string {
  if (!Number.isFinite(value)) return specialText(value);
  const digits = shortestDigits(value, rounding(dtype));
  const [mantissa = '', exponentText = '0'] = digits.split('e');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) return `${mantissa}e${exponentDigits(exponent)}`;
  return withSign(value, Number(digits).toFixed(Math.max(1, decimalsOf(digits))));
}

/** `nan`, `inf` or `-inf`. */
export function specialText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  return value < 0 ? '-inf' : 'inf';
}

/** The sign and at least two digits of an exponent. */
export function exponentDigits(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** JavaScript drops the sign of zero, numpy shows it. */
export function withSign(value: number, text: string): string {
  return Object.is(value, -0) ? `-${text}` : text;
}
