/** Texts by key, in an object without prototype: `constructor` and `__proto__` are keys like any other. */
export function metadataOf(pairs: Iterable<readonly [key: string, value: string]>): Readonly<Record<string, string>> {
  const metadata = Object.create(null) as Record<string, string>; // Object.create has no type of its own
  for (const [key, value] of pairs) metadata[key] = value;
  return metadata;
}
