import type { ElementType } from '@cairn/bytes';
import type { ElementValues } from '@cairn/ckpt-format';

/**
 * Values as a JSON list. What JSON has no number for is a string: NaN, Infinity, -Infinity, and 64-bit integers that
 * a double would round. Bool is true and false.
 */
export function valuesJson(dtype: ElementType, values: ElementValues): string {
  const texts: string[] = [];
  for (const value of values) texts.push(dtype === 'Bool' ? String(value !== 0) : valueJson(value));
  return `[${texts.join()}]`;
}

function valueJson(value: number | bigint): string {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? '-0.0' : String(value);
}
