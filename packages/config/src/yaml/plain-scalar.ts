import type { ConfigScalar } from '../config-value.ts';

const NULL = /^(?:~|null|Null|NULL|)$/;
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
/** Ways to write a number, in the order in which they are tried on the text without sign and underscores. */
const NUMBERS: readonly (readonly [RegExp, (digits: string) => number])[] = [
  [/^0[0-7]+$/, (digits) => parseInt(digits, 8)],
  [/^(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?$/i, Number],
  [/^0b[01]+$/, (digits) => parseInt(digits.slice(2), 2)],
  [/^0o[0-7]+$/, (digits) => parseInt(digits.slice(2), 8)],
  [/^0x[0-9a-fA-F]+$/, (digits) => parseInt(digits.slice(2), 16)],
  [/^[1-9][0-9]*(?::[0-5]?[0-9])+$/, (digits) => digits.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)],
  [/^\.(?:inf|Inf|INF)$/, () => Infinity],
  [/^\.(?:nan|NaN|NAN)$/, () => NaN],
];

/**
 * The value of an unquoted YAML scalar, as PyYAML reads it (YAML 1.1: `on` is true, `010` is 8, `1_000` is 1000),
 * with one difference: `1e-5` is a number, as in YAML 1.2 and as its authors meant (PyYAML gives text; real-data §6).
 */
export function readPlainScalar(text: string): ConfigScalar {
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  return readNumber(text) ?? text;
}

function readNumber(text: string): number | null {
  if (!/^[-+]?[.0-9]/.test(text)) return null;
  const digits = text.replace(/^[-+]/, '').replaceAll('_', '');
  const read = NUMBERS.find(([pattern]) => pattern.test(digits))?.[1];
  if (read === undefined) return null;
  return text.startsWith('-') ? 0 - read(digits) : read(digits);
}
