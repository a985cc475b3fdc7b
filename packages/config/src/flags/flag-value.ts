import type { ConfigValue } from '../config-value.ts';
import { MAX_DEPTH } from '../limits.ts';

/** A value read from a flag, or why the text is none. */
export type FlagValue =
  | { readonly ok: true; readonly value: ConfigValue }
  | { readonly ok: false; readonly rule: string };

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/;

/** Python's True or False, in any case. */
export function flagValue(text: string): FlagValue {
  const word = text.trim().toLowerCase();
  if (word === 'true' || word === 'false') return { ok: true, value: word === 'true' };
  return { ok: false, rule: 'True or False' };
}

/** A whole number; underscores as in Python. */
export function wholeValue(text: string): FlagValue {
  const value = Number(text.trim().replaceAll(/(?<=\d)_(?=\d)/g, ''));
  return /^\s*[-+]?\d[\d_]*\s*$/.test(text) && Number.isSafeInteger(value)
    ? { ok: true, value }
    : { ok: false, rule: 'a whole number' };
}

/** A text; the word None is empty (ruling 32). */
export function textValue(text: string): FlagValue {
  return { ok: true, value: text === 'None' ? null : text };
}

/** True or False in any case, otherwise the text. */
export function flagOrTextValue(text: string): FlagValue {
  const flag = flagValue(text);
  return flag.ok ? flag : textValue(text);
}

/**
 * The value of `--a.b value` (behaviour §4.4): a number, True, False, JSON, or the text itself; None is empty.
 * 3.0 is 3, as upstream.
 */
export function freeValue(text: string): FlagValue {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return { ok: true, value: Number(trimmed) };
  if (trimmed === 'True' || trimmed === 'False') return { ok: true, value: trimmed === 'True' };
  if (trimmed === 'None') return { ok: true, value: null };
  try {
    // JSON gives plain data only.
    const value = JSON.parse(trimmed) as ConfigValue;
    return isDeep(value, MAX_DEPTH) ? { ok: false, rule: `nested at most ${MAX_DEPTH} deep` } : { ok: true, value };
  } catch {
    return { ok: true, value: text };
  }
}

/**
 * The value of `--options a.b=value` (behaviour §4.4): numbers, True and False (upstream makes every flag False),
 * lists `1,2`, `[1,(2,3)]`, `(1,2)`; None is empty; otherwise the text without quotes and blanks.
 */
export function optionValue(text: string): FlagValue {
  const clean = text.replaceAll(/["'\s]/g, '');
  if (!isBalanced(clean)) return { ok: false, rule: 'a value whose brackets close' };
  if (isTooNested(clean)) return { ok: false, rule: `nested at most ${MAX_DEPTH} deep` };
  return { ok: true, value: optionPart(clean) };
}

function optionPart(text: string): ConfigValue {
  const inner = /^\[.*\]$|^\(.*\)$/.test(text) && isOneBracket(text) ? text.slice(1, -1) : null;
  const parts = splitTop(inner ?? text);
  if (inner !== null || parts.length > 1) return parts.filter((part) => part !== '').map(optionPart);
  const plain = text.replaceAll(/(?<=\d)_(?=\d)/g, '');
  if (NUMBER.test(plain)) return Number(plain);
  const flag = flagValue(text);
  if (flag.ok) return flag.value;
  return text === 'None' ? null : text;
}

/** Splits at the commas outside of all brackets. */
function splitTop(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const letter of text) {
    if (letter === ',' && depth === 0) {
      parts.push('');
      continue;
    }
    if ('[('.includes(letter)) depth += 1;
    if ('])'.includes(letter)) depth -= 1;
    parts[parts.length - 1] += letter;
  }
  return parts;
}

/** Whether the first bracket closes at the very end. */
function isOneBracket(text: string): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const letter = text.charAt(index);
    if ('[('.includes(letter)) depth += 1;
    if ('])'.includes(letter)) depth -= 1;
    if (depth === 0) return index === text.length - 1;
  }
  return false;
}

function isBalanced(text: string): boolean {
  const open: string[] = [];
  for (const letter of text) {
    if ('[('.includes(letter)) open.push(letter === '[' ? ']' : ')');
    else if ('])'.includes(letter) && open.pop() !== letter) return false;
  }
  return open.length === 0;
}

function isTooNested(text: string): boolean {
  let depth = 0;
  return text.split('').some((letter) => {
    if ('[('.includes(letter)) depth += 1;
    if ('])'.includes(letter)) depth -= 1;
    return depth > MAX_DEPTH;
  });
}

/** Whether a value is nested deeper than `depth`; goes no further down than that. */
function isDeep(value: ConfigValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((child: ConfigValue) => isDeep(child, depth - 1));
}
