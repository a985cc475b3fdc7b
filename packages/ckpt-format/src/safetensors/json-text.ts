import { CkptError } from '../ckpt-error.ts';
import { encodeUtf8 } from '../utf8.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** Deeper than anything a header holds; only values under unknown keys are nested at all. */
const MAX_DEPTH = 8;

/**
 * Reads JSON of a known shape, so that nothing is built that the shape does not have: no memory out of proportion to
 * the text, no nesting without bound, no key that is lost because it stands twice.
 */
export class JsonText {
  readonly #text: string;
  readonly #byte: number;
  #at = 0;

  /** @param byte where the text begins in the file, for messages */
  constructor(text: string, byte: number) {
    this.#text = text;
    this.#byte = byte;
  }

  /**
   * Reads an object; `value` must read each value.
   *
   * @throws CkptError `duplicate` when a key stands twice
   */
  object(value: (key: string) => void): void {
    const seen = new Set<string>();
    this.#list('{', '}', () => {
      const key = this.string();
      if (seen.has(key)) throw this.#error('duplicate', `the key ${JSON.stringify(key)} stands twice`);
      seen.add(key);
      this.#expect(':');
      value(key);
    });
  }

  /** Reads an array of integers from 0 to 2^53 - 1, at most `max` of them. */
  integers(max: number): number[] {
    const values: number[] = [];
    this.#list('[', ']', () => {
      if (values.length === max) throw this.#error('limit', `more than ${max} numbers in a list`);
      values.push(this.#integer());
    });
    return values;
  }

  string(): string {
    this.#expect('"');
    const begin = this.#at - 1;
    let escaped = false;
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at++);
      if (unit === QUOTE) break;
      // NaN, past the end, is not >= SPACE either.
      if (!(unit >= SPACE)) throw this.#error('malformed', 'a text is not closed');
      if (unit !== BACKSLASH) continue;
      escaped = true;
      this.#at++;
    }
    if (!escaped) return this.#text.slice(begin + 1, this.#at - 1);
    try {
      // A JSON text in quotes can only be a string.
      return JSON.parse(this.#text.slice(begin, this.#at)) as string;
    } catch (cause) {
      throw this.#error('malformed', 'a text has an unknown escape', cause);
    }
  }

  /** Passes over one value of any kind. */
  skip(depth = 0): void {
    if (depth > MAX_DEPTH) throw this.#error('malformed', `values nested deeper than ${MAX_DEPTH}`);
    const first = this.#peek();
    if (first === '"') this.string();
    else if (first === '{') {
      this.object(() => this.skip(depth + 1));
    } else if (first === '[') {
      this.#list('[', ']', () => this.skip(depth + 1));
    } else if (!this.#match(/(?:true|false|null|-?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,9})?)/y)) {
      throw this.#error('malformed', 'no value');
    }
  }

  /** Checks that nothing but spaces follows. */
  end(): void {
    if (this.#peek() !== '') throw this.#error('malformed', 'something follows the header');
  }

  #list(open: string, close: string, item: () => void): void {
    this.#expect(open);
    if (this.#peek() === close) {
      this.#at++;
      return;
    }
    for (;;) {
      item();
      const next = this.#peek();
      this.#at++;
      if (next === close) return;
      if (next !== ',') throw this.#error('malformed', `neither "," nor "${close}"`);
    }
  }

  #integer(): number {
    this.#peek();
    const digits = this.#match(/(?:0|[1-9]\d{0,15})(?![\d.eE])/y);
    const value = Number(digits ?? NaN);
    if (!Number.isSafeInteger(value)) throw this.#error('malformed', 'no whole number from 0 to 2^53');
    return value;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #expect(char: string): void {
    if (this.#peek() !== char) throw this.#error('malformed', `no ${char}`);
    this.#at++;
  }

  /** The next character that is no space; empty at the end. */
  #peek(): string {
    while (' \t\r\n'.includes(this.#text.charAt(this.#at)) && this.#at < this.#text.length) this.#at++;
    return this.#text.charAt(this.#at);
  }

  #error(code: 'malformed' | 'duplicate' | 'limit', what: string, cause?: unknown): CkptError {
    const byte = this.#byte + encodeUtf8(this.#text.slice(0, this.#at)).length;
    const message = `byte ${byte} of the header: ${what}; the file is damaged or no .safetensors`;
    return new CkptError(code, message, { byte, cause });
  }
}
