import { TransformError } from '../transform-error.ts';

/** Words of a command line: flags with their values, and the words that belong to none. */
export interface FlagWords<Name extends string> {
  readonly flags: ReadonlyMap<Name, string>;
  readonly words: readonly string[];
}

/**
 * Reads `--name value` and `--name=value`; a name may be shortened as long as it is clear, as argparse allows. The last
 * of a flag given twice counts, as there.
 *
 * @param names    flags that take a value
 * @param switches flags that need none: alone they mean `True`
 * @throws TransformError `usage` for flags that are unknown, unclear or lack their value
 */
export function readFlags<Name extends string>(
  argv: readonly string[],
  names: readonly Name[],
  switches: readonly Name[] = [],
): FlagWords<Name> {
  const flags = new Map<Name, string>();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith('--')) {
      words.push(word);
      continue;
    }
    const [given = '', ...rest] = word.slice(2).split('=');
    const name = named(given, names);
    const next = argv[i + 1];
    if (rest.length > 0) flags.set(name, rest.join('='));
    else if (next !== undefined && !next.startsWith('--')) {
      flags.set(name, next);
      i += 1;
    } else if (switches.includes(name)) flags.set(name, 'True');
    else throw new TransformError('usage', `--${name} needs a value`);
  }
  return { flags, words };
}

function named<Name extends string>(given: string, names: readonly Name[]): Name {
  const exact = names.find((name) => name === given);
  if (exact !== undefined) return exact;
  const begins = names.filter((name) => name.startsWith(given) && given !== '');
  if (begins.length === 1) return begins[0]!;
  const what = begins.length === 0 ? 'is no flag' : `may be ${begins.map((name) => `--${name}`).join(' or ')}`;
  throw new TransformError('usage', `--${given} ${what}; cairn help transform shows the flags`);
}
