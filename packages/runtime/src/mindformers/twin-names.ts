import { RunError } from '../run-error.ts';

type Camel<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name;

/** Fields under upstream's snake_case names or their camelCase twins (ruling 41); undefined = not given. */
export type Twins<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined } & {
  readonly [Name in keyof Fields as Name extends string ? Camel<Name> : never]?: Fields[Name] | undefined;
};

/**
 * The given fields under upstream's names.
 *
 * @param call what they are given to, for messages
 * @throws RunError for a field that does not exist, or one that is given twice
 */
export function underUpstreamNames<Fields extends object>(
  call: string,
  names: readonly (keyof Fields & string)[],
  given: Twins<Fields>,
): Partial<Fields> {
  const fields = new Map<string, unknown>();
  for (const [written, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const name = names.find((each) => each === written || camelOf(each) === written);
    if (name === undefined) {
      throw new RunError('argument-unknown', 2, `${call} has no ${written}; it takes ${names.join(', ')}`);
    }
    if (fields.has(name)) throw new RunError('argument-unknown', 2, `${call}: ${name} is given in both spellings`);
    fields.set(name, value);
  }
  // Each value came under one of the names of Fields, or under its twin with the same type.
  return Object.fromEntries(fields) as Partial<Fields>;
}

function camelOf(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
