import type { Tokenizer } from './text-file-dataset.ts';

/** Ids of the special tokens; bytes come behind them. */
const SPECIAL = { pad: 0, bos: 1, eos: 2 } as const;
const FIRST_BYTE = 3;

/**
 * A tokenizer that needs no vocabulary file: the UTF-8 bytes of the text, byte b as id b + 3.
 *
 * Ids 0, 1, 2 are padding, begin and end of text, as in Llama's vocabulary, whose byte tokens also begin at 3; so a
 * padding id is never part of a text. Text that is not well-formed (lone surrogates) becomes U+FFFD.
 */
export const byteTokenizer: Required<Tokenizer> & {
  readonly vocabSize: number;
  readonly pad: number;
  readonly bos: number;
  /** Special ids are left out. */
  decode(ids: Iterable<number>): string;
} = {
  ...SPECIAL,
  vocabSize: FIRST_BYTE + 256,
  encode(text) {
    const ids = new Int32Array(new TextEncoder().encode(text));
    // Int32Array.from with a function takes thirty times as long.
    for (let i = 0; i < ids.length; i++) ids[i]! += FIRST_BYTE;
    return ids;
  },
  decode(ids) {
    const bytes = Array.from(ids, (id) => id - FIRST_BYTE).filter((byte) => byte >= 0 && byte < 256);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  },
};
