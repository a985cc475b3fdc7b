import type { ConfigPath } from '../config-value.ts';
import type { Leaf } from '../keys/leaf.ts';

/** One field of TrainingArguments. */
export interface Argument<out T> {
  readonly leaf: Leaf<T>;
  /** Null = the configuration keeps what it has. */
  readonly fallback: T;
  /** Keys it sets as it is; none = it takes part in a rule, or has no target. */
  readonly targets: readonly ConfigPath[];
}

/** One argument for every field. */
export type Arguments<T> = { readonly [Name in keyof T]: Argument<T[Name]> };

/** A field that sets keys of the same value. Paths are written with dots. */
export function argument<T>(leaf: Leaf<T>, fallback: NoInfer<T>, ...targets: readonly string[]): Argument<T> {
  return { leaf, fallback, targets: targets.map((target) => target.split('.')) };
}
