import type { ElementType } from '@cairn/bytes';
import type { ElementValues } from '@cairn/ckpt-format';
import {
  decimalsOf,
  digitsOf,
  exponentDigits,
  rounding,
  scalarText,
  shortestDigits,
  specialText,
  withSign,
} from './shortest-digits.ts';

/** Writes one element; all elements of an array are equally wide. */
export type ElementFormat = (value: number | bigint) => string;

/** Digits behind the point at most, as numpy prints them. */
const PRECISION = 8;

/** How numpy (before 2.3) writes the elements of an array that holds these values. */
export function elementFormat(dtype: ElementType, values: ElementValues): ElementFormat {
  switch (dtype) {
    case 'Bool':
      return (value) => (Number(value) === 0 ? 'False' : ' True');
    case 'Float16':
    case 'BFloat16':
    case 'Float32':
    case 'Float64':
      return floatFormat(dtype, Array.from<number | bigint>(values as Float64Array).map(Number));
    default:
      return padded(Array.from<number | bigint>(values as Float64Array));
  }
}

/** How Python writes a single element. */
export function scalarFormat(dtype: ElementType, value: number | bigint): string {
  if (dtype === 'Bool') return value === 0 ? 'False' : 'True';
  const isFloat = dtype.startsWith('Float') || dtype === 'BFloat16';
  return isFloat ? scalarText(Number(value), dtype) : String(value);
}

function padded(values: readonly (number | bigint)[]): ElementFormat {
  const width = longest(values.map(String));
  return (value) => String(value).padStart(width);
}

function floatFormat(dtype: ElementType, values: readonly number[]): ElementFormat {
  const round = rounding(dtype);
  const finite = values.filter((value) => Number.isFinite(value));
  const write = needsExponent(finite, round) ? exponential(finite, round) : positional(finite, round);
  const texts = values.map((value) => (Number.isFinite(value) ? write(value) : specialText(value)));
  const width = longest(texts);
  return (value) => {
    const number = Number(value);
    return (Number.isFinite(number) ? write(number) : specialText(number)).padStart(width);
  };
}

/** Very large, very small, or very different numbers are written with an exponent. */
function needsExponent(values: readonly number[], round: (value: number) => number): boolean {
  const sizes = values.filter((value) => value !== 0).map((value) => Math.abs(value));
  if (sizes.length === 0) return false;
  const [max, min] = [sizes.reduce((a, b) => Math.max(a, b)), sizes.reduce((a, b) => Math.min(a, b))];
  return max >= 1e8 || min < round(0.0001) || round(max / min) > 1000;
}

/** Points are below each other: fractions are filled up with blanks. */
function positional(values: readonly number[], round: (value: number) => number): (value: number) => string {
  const write = (value: number): string => {
    const shortest = shortestDigits(value, round);
    const decimals = decimalsOf(shortest);
    // In front of the point all digits are the value's, behind it as few as tell it from others.
    const whole = decimals === 0 ? String(value) : shortest;
    const digits = decimals <= PRECISION ? whole : digitsOf(value, PRECISION + exponentOf(shortest));
    const text = Number(digits).toFixed(Math.min(PRECISION, decimals));
    return withSign(value, text.includes('.') ? text.replace(/0+$/, '') : `${text}.`);
  };
  const fractionOf = (text: string): string => text.split('.')[1] ?? '';
  const right = longest(values.map((value) => fractionOf(write(value))));
  return (value) => {
    const text = write(value);
    return text + ' '.repeat(right - fractionOf(text).length);
  };
}

/** All numbers have as many digits as the one that needs most. */
function exponential(values: readonly number[], round: (value: number) => number): (value: number) => string {
  const needed = values.map((value) => {
    const shortest = shortestDigits(value, round);
    const digits = placesOf(shortest) > PRECISION ? digitsOf(value, PRECISION) : shortest;
    return (digits.split('e')[0]?.split('.')[1] ?? '').replace(/0+$/, '');
  });
  const places = longest(needed);
  const digits = (value: number): string => {
    const shortest = shortestDigits(value, round);
    return placesOf(shortest) === places ? shortest : digitsOf(value, places);
  };
  const exponentOfText = (value: number): string => exponentDigits(exponentOf(digits(value)));
  const width = longest(values.map(exponentOfText));
  return (value) => {
    const mantissa = digits(value).split('e')[0] ?? '';
    const exponent = exponentOfText(value);
    const filled = `${exponent.slice(0, 1)}${exponent.slice(1).padStart(width - 1, '0')}`;
    return withSign(value, `${mantissa}${places === 0 ? '.' : ''}e${filled}`);
  };
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

function placesOf(digits: string): number {
  return (digits.split('e')[0]?.split('.')[1] ?? '').length;
}

function exponentOf(digits: string): number {
  return Number(digits.split('e')[1] ?? '0');
}
