/** What a YAML scalar can be. */
export type ConfigScalar = string | number | boolean | null;

/** A tree of plain data, as YAML or JSON writes it. */
export type ConfigValue = ConfigScalar | readonly ConfigValue[] | ConfigMap;

/** A mapping of such a tree. */
export interface ConfigMap {
  readonly [key: string]: ConfigValue;
}

/** Where a key stands: names of mappings from the top, list positions as decimal text, e.g. ['callbacks', '1', 'prefix']. */
export type ConfigPath = readonly string[];

/** A position in a file, both counted from 1. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Who gave a value: the file, a flag, an environment variable, or nobody (then `why` names the rule that filled it). */
export type Origin =
  | { readonly kind: 'file'; readonly place: FilePlace }
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'default'; readonly why: string };

/** A path as people write it: `callbacks[1].prefix`. */
export function dotted(path: ConfigPath): string {
  return path.reduce((text, part) => {
    if (/^\d+$/.test(part)) return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** Freezes a tree in depth and returns it. Trees are shallow (see `MAX_DEPTH`), so recursion is safe. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
