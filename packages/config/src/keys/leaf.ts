import { z } from 'zod';
import type { ConfigIssueCode } from '../config-issue.ts';
import type { ConfigMap, ConfigValue } from '../config-value.ts';
import { flagFromText } from './flag-from-text.ts';
import { nearestName } from './nearest-name.ts';

/** A value as it should have been written; `note` says what was there instead and becomes a warning. */
export interface Respelled {
  readonly value: ConfigValue;
  readonly note: string | null;
  /** Code of that warning; `spelling` unless said otherwise. */
  readonly code?: ConfigIssueCode;
}

/** What one key may hold. */
export interface Leaf<out T> {
  /** Made when it is first asked for: making all of them would cost every start of the program 20 ms. */
  readonly schema: () => z.ZodType<T>;
  /** What may be written, for editors, when other spellings are as good as the values themselves. */
  readonly input?: () => z.ZodType;
  /** The rule in words, after "must be": `a whole number, 1 or more`. */
  readonly rule: string;
  /** A fitting value, as YAML. */
  readonly example: string;
  /** Other spellings of a value; null when it is not one of them. */
  readonly respell?: (value: ConfigValue) => Respelled | null;
  /** The text `None` stays a text here; elsewhere it means "not set", as in Python. */
  readonly keepsNone?: true;
  /** The nearest allowed word to a wrong one, for the message. */
  readonly suggest?: (value: ConfigValue) => string | null;
}

/** Leaves made from numbers or words are shared between keys, and with them their schemas. */
const shared = new Map<string, Leaf<unknown>>();

function kept<T>(name: string, make: () => Leaf<T>): Leaf<T> {
  const known = shared.get(name);
  // Names tell leaves apart completely, so what is found under a name was made by the same call.
  if (known !== undefined) return known as Leaf<T>;
  const made = make();
  shared.set(name, made);
  return made;
}

/** A schema that is made once, when it is first asked for. */
export function lazy<T>(make: () => z.ZodType<T>): () => z.ZodType<T> {
  let made: z.ZodType<T> | undefined;
  return () => (made ??= make());
}

/** Element types of parameters and computations (qwen-llama-data §2). */
export type DType = 'float32' | 'float16' | 'bfloat16';

/** True or false; texts that look like one of them are taken for it, with a warning (`Flase` occurs upstream). */
export const flag: Leaf<boolean> = {
  schema: lazy(() => z.boolean()),
  rule: 'True or False',
  example: 'True',
  respell: (value) => (typeof value === 'string' ? flagFromText(value) : null),
};

/** True, False or a text. */
export const flagOrText: Leaf<boolean | string> = {
  schema: lazy(() => z.union([z.boolean(), z.string()])),
  rule: 'True, False or a text',
  example: 'True',
  respell: (value) => (typeof value === 'string' && /^(?:true|false)$/i.test(value) ? flagFromText(value) : null),
};

/** Any text. */
export const text: Leaf<string> = { schema: lazy(() => z.string()), rule: 'a text', example: '"abc"' };

/** A text in which `None` is a word like any other (tokens, methods). */
export const word: Leaf<string> = { ...text, keepsNone: true };

/** A folder or file name; '' = none. */
export const path: Leaf<string> = { ...text, rule: 'a path (text)', example: '"./output"' };

/** Whole numbers from `least` on; 5.0 is 5. */
export function whole(least: number = Number.MIN_SAFE_INTEGER): Leaf<number> {
  const bound = least === Number.MIN_SAFE_INTEGER ? '' : `, ${least} or more`;
  const example = String(Math.max(least, 1));
  return kept(`whole ${least}`, () => ({
    schema: lazy(() => z.int().min(least)),
    rule: `a whole number${bound}`,
    example,
  }));
}

/** Whole numbers above zero, or -1 with a meaning of its own. */
export function countOrAll(all: string): Leaf<number> {
  const schema = lazy(() => z.union([z.int().min(1), z.literal(-1)]));
  return kept(`count ${all}`, () => ({ schema, rule: `a whole number, 1 or more, or -1 (${all})`, example: '1' }));
}

/** Numbers, whole or not, from `least` to `most`. */
export function real(least: number = -Infinity, most: number = Infinity): Leaf<number> {
  return kept(`real ${least} ${most}`, () => ({
    schema: lazy(() => bounded(least, most)),
    rule: `a number${least === -Infinity ? '' : most === Infinity ? `, ${least} or more` : ` from ${least} to ${most}`}`,
    example: most === 1 ? '0.1' : '1.0',
  }));
}

/** Numbers above zero. */
export const positive: Leaf<number> = {
  schema: lazy(() => z.number().positive()),
  rule: 'a number above 0',
  example: '1.e-5',
};

/** One of a few words or numbers. */
export function oneOf<const T extends string | number>(...allowed: readonly T[]): Leaf<T> {
  return kept(`one of ${allowed.join()}`, () => ({
    schema: lazy(() => z.literal(allowed as readonly [T, ...T[]])),
    rule: `one of ${allowed.join(', ')}`,
    example: String(allowed[0]),
    suggest: (value) => (typeof value === 'string' ? nearestName(value, allowed.map(String)) : null),
  }));
}

/** Element types of computation and parameters. */
export const dtype: Leaf<DType> = oneOf('float32', 'float16', 'bfloat16');

/** A list of texts. */
export const texts: Leaf<readonly string[]> = {
  schema: lazy(() => z.array(z.string())),
  rule: 'a list of texts',
  example: '["input_ids"]',
};

/** A list of whole numbers. */
export const wholes: Leaf<readonly number[]> = {
  schema: lazy(() => z.array(z.int())),
  rule: 'a list of whole numbers',
  example: '[0, 1]',
};

/** Two numbers from 0 up to 1, such as Adam's betas. */
export const betas: Leaf<readonly [number, number]> = {
  schema: lazy(() => z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])),
  rule: 'two numbers, each at least 0 and below 1',
  example: '[0.9, 0.999]',
};

/** A list of anything. */
export const anyList: Leaf<readonly ConfigValue[]> = {
  schema: lazy(() => z.array(z.any())),
  rule: 'a list',
  example: '[]',
};

/** A mapping of anything. */
export const anyMap: Leaf<ConfigMap> = {
  schema: lazy(() => z.record(z.string(), z.any())),
  rule: 'a mapping',
  example: '{}',
};

/** Either of two kinds of value. */
export function either<A, B>(a: Leaf<A>, b: Leaf<B>): Leaf<A | B> {
  const schema = lazy(() => z.union([a.schema(), b.schema()]));
  return { schema, rule: `${a.rule}, or ${b.rule}`, example: a.example };
}

/** The same, or nothing at all. */
export function orNull<T>(leaf: Leaf<T>): Leaf<T | null> {
  return { ...leaf, schema: lazy(() => z.nullable(leaf.schema())) };
}

function bounded(least: number, most: number): z.ZodType<number> {
  const from = least === -Infinity ? z.number() : z.number().min(least);
  return most === Infinity ? from : from.max(most);
}
