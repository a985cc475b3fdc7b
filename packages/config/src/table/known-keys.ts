import type { ConfigValue } from '../config-value.ts';
import { DOCUMENTED_KEYS } from './documented-keys.ts';
import { KEY_TABLE, RELEASES } from './key-table.ts';

/** A key that MindFormers' files or documents use. */
interface KnownKey {
  /** Letters of the types it was seen with (see `KEY_TABLE`). */
  readonly types: string;
  /** First and last release whose files have it, e.g. `r1.3.0 to r1.6.0`; empty when only documents name it. */
  readonly releases: string;
}

/** Path of a mapping in the table: parts joined by "/", list elements as `name[]`. */
export type TablePath = string;

/** The table path one part further down; a number is an element of the list above. */
export function tablePath(parent: TablePath, part: string): TablePath {
  if (/^\d+$/.test(part) && parent !== '') return `${parent}[]`;
  return parent === '' ? part : `${parent}/${part}`;
}

/** The key `name` under `parent`, or null when neither upstream's files nor its documents have it. */
export function knownKey(parent: TablePath, name: string): KnownKey | null {
  return keysUnder(parent).get(name) ?? null;
}

/** All known keys under a path; empty when nothing is known about its contents. */
export function keysUnder(parent: TablePath): ReadonlyMap<string, KnownKey> {
  const known = parsed.get(parent);
  if (known !== undefined) return known;
  const keys = new Map<string, KnownKey>();
  for (const lines of [rawLines(), documentedLines()]) {
    for (const [name, entry] of entriesOf(lines.get(parent) ?? '')) if (!keys.has(name)) keys.set(name, entry);
  }
  parsed.set(parent, keys);
  return keys;
}

/** Every path under which keys are known. */
export function knownParents(): readonly TablePath[] {
  return [...new Set([...rawLines().keys(), ...documentedLines().keys()])];
}

/** Whether a value is of a kind the key was seen with; ints pass as floats and whole floats as ints. */
export function fitsTypes(types: string, value: ConfigValue): boolean {
  if (value === null || !/[^n]/.test(types)) return true;
  if (Array.isArray(value)) return /[EIFSML]/.test(types);
  if (typeof value === 'boolean') return types.includes('b');
  if (typeof value === 'string') return types.includes('s');
  // `1e-5` is text for PyYAML, so the table has text where people mean a number
  return typeof value === 'number' ? /[ifs]/.test(types) : types.includes('m');
}

/** What fitsTypes wants, in words. */
export function typeWords(types: string): string {
  const words: Record<string, string> = {
    b: 'True or False',
    i: 'a whole number',
    f: 'a number',
    s: 'a text',
    m: 'a mapping',
  };
  const named = Object.entries(words).filter(([letter]) => types.includes(letter));
  return [...named.map(([, word]) => word), ...(/[EIFSML]/.test(types) ? ['a list'] : [])].join(' or ');
}

// Text is taken apart a parent at a time, and only for parents that are asked for: a run looks at a handful.
const parsed = new Map<TablePath, ReadonlyMap<string, KnownKey>>();
let raw: ReadonlyMap<TablePath, string> | undefined;
let documented: ReadonlyMap<TablePath, string> | undefined;

function rawLines(): ReadonlyMap<TablePath, string> {
  raw ??= linesOf(KEY_TABLE);
  return raw;
}

function documentedLines(): ReadonlyMap<TablePath, string> {
  documented ??= linesOf(DOCUMENTED_KEYS);
  return documented;
}

function linesOf(table: string): ReadonlyMap<TablePath, string> {
  const lines = table.split('\n').filter((line) => line.includes(' '));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
}

function* entriesOf(line: string): Generator<[string, KnownKey]> {
  for (const entry of line.split(' ')) {
    const [name, types, span] = entry.split(':');
    if (name !== undefined && types !== undefined) yield [name, { types, releases: spanWords(span) }];
  }
}

function spanWords(span: string | undefined): string {
  if (span === '-') return '';
  const [first, last] =
    span === undefined ? [0, RELEASES.length - 1] : span.split('').map((digit) => parseInt(digit, 16));
  const names = [RELEASES[first ?? 0] ?? '', RELEASES[last ?? 0] ?? ''];
  return names[0] === names[1] ? (names[0] ?? '') : names.join(' to ');
}
