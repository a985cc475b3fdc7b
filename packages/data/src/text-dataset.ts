import { DataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';

/** Tokens are held in memory, 4 bytes each. */
const MAX_TOKENS = 2 ** 30;

/** Token ids of one text after another. */
export type TokenTexts = Iterable<ArrayLike<number>> | AsyncIterable<ArrayLike<number>>;

/** How texts become rows. */
export interface PackOptions {
  /** `seq_length` of the model: a row has one token more, for the shift between inputs and labels. */
  readonly seqLength: number;
  /** Token id put behind every text, e.g. end of text; nothing when absent. */
  readonly separator?: number;
  /** Of the data set in the configuration, for errors. */
  readonly path?: string;
  readonly signal?: AbortSignal;
}

/**
 * Token texts as a data set of one column, input_ids: joined into one stream that is cut into rows of
 * `seqLength` + 1 int32; the short remainder is dropped (as qwen1_5_preprocess.py packs wiki text).
 *
 * @throws DataError `option`, `value-range`
 */
export async function textDataset(texts: TokenTexts, options: PackOptions): Promise<Dataset> {
  const { seqLength, separator, path = 'train_dataset', signal } = options;
  if (!Number.isInteger(seqLength) || seqLength < 1) {
    throw new DataError('option', `seq_length is ${seqLength}; it must be positive`, {
      path: 'model.model_config.seq_length',
    });
  }
  const stream = new TokenStream(`${path}.data_loader`);
  for await (const tokens of texts) {
    signal?.throwIfAborted();
    stream.add(tokens);
    if (separator !== undefined) stream.add([separator]);
  }
  const length = seqLength + 1;
  const tokens = stream.tokens();
  return {
    rows: Math.floor(tokens.length / length),
    columns: ['input_ids'],
    read: async (rows) => rows.map((row) => [tokens.subarray(row * length, (row + 1) * length)]),
  };
}

/** Grows by doubling. */
class TokenStream {
  readonly #path: string;
  #tokens = new Int32Array(2 ** 16);
  #length = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(tokens: ArrayLike<number>): void {
    const length = this.#length + tokens.length;
    if (length > MAX_TOKENS) {
      const message = `more than ${MAX_TOKENS} tokens are not held in memory; write them to MindRecord files`;
      throw new DataError('option', message, { path: this.#path });
    }
    if (length > this.#tokens.length) {
      const larger = new Int32Array(Math.max(length, 2 * this.#tokens.length));
      larger.set(this.#tokens.subarray(0, this.#length));
      this.#tokens = larger;
    }
    for (let i = 0; i < tokens.length; i++) {
      const id = tokens[i]!;
      if (id < 0 || (id | 0) !== id) {
        throw new DataError('value-range', `token id ${id} is not in [0, 2^31)`, { path: this.#path });
      }
      this.#tokens[this.#length + i] = id;
    }
    this.#length = length;
  }

  tokens(): Int32Array {
    return this.#tokens.subarray(0, this.#length);
  }
}
