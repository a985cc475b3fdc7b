import type { ConfigIssueCode } from '../config-issue.ts';
import type { ConfigNode } from '../config-node.ts';
import type { ConfigMap } from '../config-value.ts';
import type { Leaf } from './leaf.ts';

/** The values of a section read so far, for defaults that follow another key. */
export type Siblings = Readonly<Record<string, unknown>>;

/** A default that follows other keys of its section. */
interface Derived {
  readonly from: (section: Siblings) => unknown;
  readonly why: string;
}

/** A key with one value. `fallback` undefined = the key must be written. */
export interface LeafSpec {
  readonly kind: 'leaf';
  readonly about: string;
  readonly leaf: Leaf<unknown>;
  readonly fallback: unknown;
  readonly derived: Derived | null;
  /** Who says what the default is; null = the section's own rule. */
  readonly why: string | null;
}

/** A key that holds a mapping of keys. */
export interface SectionSpec {
  readonly kind: 'section';
  readonly about: string;
  readonly keys: Readonly<Record<string, KeySpec>>;
  /** Where the defaults of its keys come from; null = as above. */
  readonly why: string | null;
  /** What an absent section reads as; null = the value is null. */
  readonly whenAbsent: ConfigMap | null;
  /** Keys it does not know stay in it, instead of in `rest`. */
  readonly open: boolean;
  /** Keys that repeat another section (YAML aliases) and say nothing of their own. */
  readonly copies: readonly string[];
  /** Whether Cairn can act on what is written; if not, the value is null and all keys in it are only accepted. */
  readonly refuses: ((node: ConfigNode) => Refusal | null) | null;
}

/** Why a section is not acted upon. */
export interface Refusal {
  readonly code: ConfigIssueCode;
  readonly message: string;
}

/** A key that holds a list; the element's `type` decides which section reads it. */
export interface ListSpec {
  readonly kind: 'list';
  readonly about: string;
  readonly variants: Readonly<Record<string, KeySpec>>;
  readonly other: KeySpec;
  /** Upstream's files have one mapping here, not a list of them. */
  readonly single: boolean;
}

/** A key that holds a single value or a mapping. */
export interface EitherSpec {
  readonly kind: 'either';
  readonly about: string;
  readonly leaf: LeafSpec;
  readonly section: SectionSpec;
}

/** How one key is read. */
export type KeySpec = LeafSpec | SectionSpec | ListSpec | EitherSpec;

/** A {@link KeySpec} whose value has type T; `holds` exists for the compiler only. */
export type Key<T> = KeySpec & { readonly holds?: T };

/** One spec for every field of a section: a field without a key, or of another type, does not compile. */
export type Keys<T> = { readonly [K in keyof T]-?: Key<T[K]> };

/** A key with a fixed default. */
export function key<T>(leaf: Leaf<T>, fallback: NoInfer<T>, about: string, why: string | null = null): Key<T> {
  return { kind: 'leaf', about, leaf, fallback, derived: null, why };
}

/** A key that has to be written. */
export function required<T>(leaf: Leaf<T>, about: string): Key<T> {
  return { kind: 'leaf', about, leaf, fallback: undefined, derived: null, why: null };
}

/** A key whose default follows other keys of its section. */
export function derived<T>(leaf: Leaf<T>, from: (section: Siblings) => NoInfer<T>, why: string, about: string): Key<T> {
  return { kind: 'leaf', about, leaf, fallback: null, derived: { from, why }, why };
}

/** What can be said of a section besides its keys. */
interface SectionOptions {
  readonly why?: string;
  readonly whenAbsent?: ConfigMap;
  readonly open?: boolean;
  readonly copies?: readonly string[];
  readonly refuses?: (node: ConfigNode) => Refusal | null;
}

/** A section that is always there: when absent, its keys have their defaults. */
export function section<T extends object>(about: string, keys: Keys<T>, options: SectionOptions = {}): Key<T> {
  return { ...sectionSpec(about, keys, options), whenAbsent: options.whenAbsent ?? {} };
}

/** A section that is null when absent. */
export function optionalSection<T extends object>(
  about: string,
  keys: Keys<T>,
  options: SectionOptions = {},
): Key<T | null> {
  return sectionSpec(about, keys, options);
}

function sectionSpec<T extends object>(about: string, keys: Keys<T>, options: SectionOptions): SectionSpec {
  return {
    kind: 'section',
    about,
    keys,
    why: options.why ?? null,
    whenAbsent: null,
    open: options.open ?? false,
    copies: options.copies ?? [],
    refuses: options.refuses ?? null,
  };
}

/** A list of mappings, each read by what its `type` names. */
export function listOf<T>(about: string, variants: Readonly<Record<string, Key<T>>>, other: Key<T>): Key<readonly T[]> {
  return { kind: 'list', about, variants, other, single: false };
}

/** The same for a key that upstream's files write as one mapping. */
export function oneOrList<T>(about: string, each: Key<T>): Key<readonly T[]> {
  return { kind: 'list', about, variants: {}, other: each, single: true };
}

/** A single value or a mapping. */
export function valueOrSection<A, B>(value: Key<A>, section: Key<B>): Key<A | B> {
  if (value.kind !== 'leaf' || section.kind !== 'section') throw new TypeError('a value, then a section');
  return { kind: 'either', about: value.about, leaf: value, section };
}
