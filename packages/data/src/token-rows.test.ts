import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textDataset } from './text-dataset.ts';
import { tokenRows } from './token-rows.ts';

async function* later(pieces: readonly number[][], asked: number[][] = []): AsyncGenerator<number[]> {
  for (const piece of pieces) {
    asked.push(piece);
    yield piece;
  }
}

async function collect(rows: AsyncIterable<Int32Array>): Promise<Int32Array[]> {
  const all: Int32Array[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

const anyPieces = fc.array(fc.array(fc.nat(1000), { maxLength: 30 }), { maxLength: 20 });

test('the rows are those of textDataset, however the stream is cut', async () => {
  const property = fc.asyncProperty(anyPieces, fc.integer({ min: 1, max: 12 }), async (pieces, seqLength) => {
    fc.pre(pieces.flat().length > seqLength);
    const dataset = await textDataset(pieces, { seqLength });
    const wanted = await dataset.read(Array.from({ length: dataset.rows }, (_, i) => i));
    expect(await collect(tokenRows(later(pieces), { seqLength }))).toEqual(wanted.map(([ids]) => ids));
    expect(await collect(tokenRows(later([pieces.flat()]), { seqLength }))).toEqual(wanted.map(([ids]) => ids));
  });
  await fc.assert(property);
});

test('with a number of rows, no more is read than they need', async () => {
  const asked: number[][] = [];
  const pieces = [[1, 2, 3], [4, 5], [6, 7], [8]];
  const rows = await collect(tokenRows(later(pieces, asked), { seqLength: 1, rows: 2 }));
  expect(rows).toEqual([Int32Array.of(1, 2), Int32Array.of(3, 4)]);
  expect(asked).toEqual([
    [1, 2, 3],
    [4, 5],
  ]);
});

test('less than one row is an error that says how much there is', async () => {
  const rows = collect(tokenRows(later([[1, 2], [3]]), { seqLength: 3 }));
  await expect(rows).rejects.toMatchObject({ code: 'empty', message: expect.stringContaining('have 3 tokens') });
});

test('lengths and numbers of rows that are none are refused', async () => {
  for (const options of [{ seqLength: 0 }, { seqLength: 1.5 }, { seqLength: NaN }, { seqLength: 4, rows: 0 }]) {
    await expect(collect(tokenRows(later([[1, 2]]), options))).rejects.toMatchObject({ code: 'option' });
  }
});

test('an aborted signal ends it', async () => {
  const signal = AbortSignal.abort();
  await expect(collect(tokenRows(later([[1, 2]]), { seqLength: 1, signal }))).rejects.toThrow('aborted');
});
