import { DataError } from './data-error.ts';

/** How a stream of tokens becomes rows. */
export interface TokenRowOptions {
  /** `seq_length` of the model: a row has one token more, for the shift between inputs and labels. */
  readonly seqLength: number;
  /** At most this many rows; what follows is not asked for. */
  readonly rows?: number;
  readonly signal?: AbortSignal;
}

/**
 * Tokens cut into rows of `seqLength` + 1 int32 while they come: the rows of {@link textDataset}, without holding the
 * tokens. The short remainder is dropped.
 *
 * @param pieces of one stream of tokens, cut anywhere; separators of texts are tokens like any other
 * @throws DataError `option`; `empty` when there are fewer tokens than one row has
 */
export async function* tokenRows(
  pieces: AsyncIterable<ArrayLike<number>>,
  { seqLength, rows = Infinity, signal }: TokenRowOptions,
): AsyncGenerator<Int32Array<ArrayBuffer>, void> {
  checkCount('seq_length', seqLength);
  if (rows !== Infinity) checkCount('rows', rows);
  let row = new Int32Array(seqLength + 1);
  let filled = 0;
  let made = 0;
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    for (let i = 0; i < piece.length; i++) {
      row[filled++] = piece[i]!;
      if (filled < row.length) continue;
      yield row;
      made += 1;
      if (made === rows) return;
      row = new Int32Array(seqLength + 1);
      filled = 0;
    }
  }
  if (made > 0) return;
  const message = `the texts have ${filled} tokens, a row has ${seqLength + 1}: add text, or lower seq_length`;
  throw new DataError('empty', message);
}

function checkCount(name: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 1 && count < 2 ** 30) return;
  throw new DataError('option', `${name} is ${count}; a whole number from 1 on is needed`);
}
