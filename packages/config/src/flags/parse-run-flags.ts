import type { Override } from '../apply-overrides.ts';
import type { ConfigIssue, ConfigIssueCode } from '../config-issue.ts';
import type { ConfigValue } from '../config-value.ts';
import { nearestName } from '../keys/nearest-name.ts';
import { RUN_MODES } from '../sections/modes.ts';
import { freeValue, optionValue } from './flag-value.ts';
import { RUN_FLAGS } from './run-flags.ts';
import type { RunFlag } from './run-flags.ts';

/** What the flags of run_mindformer.py say, or everything that is wrong with them. */
export type RunFlagsResult = RunFlags | { readonly ok: false; readonly errors: readonly ConfigIssue[] };

/** Flags that are right. */
export interface RunFlags {
  readonly ok: true;
  /** Of --config; null when it is not given. */
  readonly config: string | null;
  /** Of --register_path: where a bare file name is looked up (ruling 35). */
  readonly registerPath: string | null;
  /** In their order of effect, for {@link parseConfig}. */
  readonly overrides: readonly Override[];
}

/** A flag with the values that stand after it, or after its `=`. */
interface Word {
  readonly written: string;
  readonly values: readonly string[];
}

/** Orders between the named flags' own: --options come before data flags, unknown flags last. */
const OPTIONS_ORDER = 1;
const FREE_ORDER = 4;

/**
 * Reads the flags of run_mindformer.py: named ones and their unambiguous beginnings (`--train_data`), `--flag=value`,
 * `--options a.b=value ...`, and any key as `--a.b.c value` (behaviour §4.4, ruling 35).
 *
 * @param argv without program and command
 */
export function parseRunFlags(argv: readonly string[]): RunFlagsResult {
  const parser = new FlagParser();
  for (const word of wordsOf(argv, parser)) parser.take(word);
  if (parser.errors.length > 0) return { ok: false, errors: parser.errors };
  const ordered = parser.overrides.toSorted((a, b) => a.order - b.order).map(({ override }) => override);
  return {
    ok: true,
    config: parser.texts.get('--config') ?? null,
    registerPath: parser.texts.get('--register_path') ?? null,
    overrides: ordered,
  };
}

class FlagParser {
  readonly errors: ConfigIssue[] = [];
  readonly overrides: { order: number; override: Override }[] = [];
  readonly texts = new Map<string, string>();

  error(code: ConfigIssueCode, flag: string, message: string): void {
    this.errors.push({ severity: 'error', code, path: [], message, place: { flag } });
  }

  take(word: Word): void {
    const flag = this.#named(word);
    if (flag === null) return;
    if (flag === undefined) return this.#free(word);
    const [first] = word.values;
    if (first === undefined)
      return this.error('flag-value', word.written, `${word.written} needs a value. ${flag.about}`);
    if (flag.name === '--options') return word.values.forEach((option) => this.#option(option));
    const values = word.values.flatMap((text) => this.#read(word, flag, text));
    if (flag.sets.length === 0) this.texts.set(flag.name, first);
    if (flag.name === '--run_mode' && !RUN_MODES.some((mode) => mode === first)) return this.#wrongMode(word, first);
    const value: ConfigValue = values.length === 1 ? (values[0] ?? null) : values;
    for (const { path, parents } of flag.sets) this.#add(flag.order, { path, value, flag: word.written, parents });
  }

  /** The flag a word names; undefined when it is none of the named ones, null when it could be several. */
  #named({ written }: Word): RunFlag | null | undefined {
    const exact = RUN_FLAGS.find((flag) => flag.name === written);
    if (exact !== undefined) return exact;
    const begun = RUN_FLAGS.filter((flag) => flag.name.startsWith(written));
    if (begun.length < 2) return begun[0];
    const names = begun.map((flag) => flag.name).join(', ');
    this.error('flag-ambiguous', written, `${written} could be ${names}; write more letters`);
    return null;
  }

  #read({ written }: Word, flag: RunFlag, text: string): ConfigValue[] {
    const result = flag.read(flag.name === '--predict_data' ? text.replaceAll(String.raw`\n`, '\n') : text);
    if (result.ok) return [result.value];
    this.error('flag-value', written, `${written} must be ${result.rule}; found "${text}"`);
    return [];
  }

  /** Any key: `--a.b.c value`. Its sections must exist; the last name may be new. */
  #free({ written, values }: Word): void {
    const [text] = values;
    const path = written.replace(/^--/, '').split('.');
    if (path.includes(''))
      return this.error('flag-unknown', written, `${written} is no flag and no key${hint(written)}`);
    if (text === undefined) return this.error('flag-value', written, `${written} needs a value${hint(written)}`);
    const result = freeValue(text);
    if (!result.ok) return this.error('flag-value', written, `${written} must be ${result.rule}; found "${text}"`);
    const parents = path.length > 1 ? 'must-exist' : 'create';
    this.#add(FREE_ORDER, { path, value: result.value, flag: written, parents });
  }

  #option(text: string): void {
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(equals, 0)).trim();
    const path = name.split('.');
    const flag = `--options ${name === '' ? text : name}`;
    if (equals < 1 || path.includes(''))
      return this.error('flag-value', flag, `--options wants key.name=value; found "${text}"`);
    const result = optionValue(text.slice(equals + 1));
    if (!result.ok)
      return this.error('flag-value', flag, `${flag} must be ${result.rule}; found "${text.slice(equals + 1)}"`);
    this.#add(OPTIONS_ORDER, { path, value: result.value, flag, parents: 'create' });
  }

  #wrongMode(word: Word, found: string): void {
    const nearest = nearestName(found, RUN_MODES);
    const fix = nearest === null ? '' : `. Did you mean ${nearest}?`;
    this.error(
      'flag-value',
      word.written,
      `${word.written} must be one of ${RUN_MODES.join(', ')}; found "${found}"${fix}`,
    );
  }

  #add(order: number, override: Override): void {
    this.overrides.push({ order, override });
  }
}

/** Puts values to their flags; a value is anything that is no flag, negative numbers too. */
function wordsOf(argv: readonly string[], parser: FlagParser): Word[] {
  const words: Word[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? '';
    if (!isFlag(word)) {
      parser.error('flag-unknown', word, `"${word}" stands alone: flags begin with --, and this is no value of one`);
      continue;
    }
    const equals = word.indexOf('=');
    if (equals > 0) {
      words.push({ written: word.slice(0, equals), values: [word.slice(equals + 1)] });
      continue;
    }
    const end = argv.findIndex((next, at) => at > i && isFlag(next));
    const following = argv.slice(i + 1, end < 0 ? argv.length : end);
    const values = takesSeveral(word) ? following : following.slice(0, 1);
    words.push({ written: word, values });
    i += values.length;
  }
  return words;
}

function isFlag(word: string): boolean {
  return /^--[^\s=]/.test(word);
}

function takesSeveral(word: string): boolean {
  const begun = RUN_FLAGS.filter((flag) => flag.name.startsWith(word));
  return begun.length === 1 && begun[0]?.several === true;
}

function hint(written: string): string {
  const nearest = nearestName(
    written,
    RUN_FLAGS.map((flag) => flag.name),
  );
  return nearest === null ? '' : `. Did you mean ${nearest}?`;
}
