import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteTokenizer } from './byte-tokenizer.ts';
import { textDataset } from './text-dataset.ts';
import { textFileDataset } from './text-file-dataset.ts';

const texts = fc.array(fc.array(fc.nat(1000), { maxLength: 30 }), { maxLength: 20 });

test('the rows one after another are the texts one after another, without the short remainder', async () => {
  const property = fc.asyncProperty(
    texts,
    fc.integer({ min: 1, max: 12 }),
    fc.option(fc.constant(7), { nil: undefined }),
    async (texts, seqLength, separator) => {
      const dataset = await textDataset(texts, { seqLength, ...(separator !== undefined && { separator }) });
      const stream = texts.flatMap((text) => (separator === undefined ? text : [...text, separator]));
      expect(dataset.rows).toBe(Math.floor(stream.length / (seqLength + 1)));
      const rows = await dataset.read(Array.from({ length: dataset.rows }, (_, i) => i));
      expect(rows.flatMap(([ids]) => [...(ids as Int32Array)])).toEqual(
        stream.slice(0, dataset.rows * (seqLength + 1)),
      );
      expect(rows.every(([ids]) => ids instanceof Int32Array && ids.length === seqLength + 1)).toBe(true);
    },
  );
  await fc.assert(property);
});

test('many tokens, and texts that come later, pack the same', async () => {
  async function* later(): AsyncGenerator<number[]> {
    for (let i = 0; i < 50; i++) yield Array.from({ length: 5000 }, (_, k) => i * 5000 + k);
  }
  const dataset = await textDataset(later(), { seqLength: 511 });
  expect(dataset.rows).toBe(Math.floor(250_000 / 512));
  const [row] = await dataset.read([487]);
  expect((row![0] as Int32Array)[0]).toBe(487 * 512);
});

test('ids that are none, and a length that is none, are refused', async () => {
  for (const id of [-1, 1.5, 2 ** 31, NaN]) {
    await expect(textDataset([[1, id]], { seqLength: 1 })).rejects.toMatchObject({ code: 'value-range' });
  }
  const length = textDataset([], { seqLength: 0 });
  await expect(length).rejects.toMatchObject({ code: 'option', path: 'model.model_config.seq_length' });
});

const files = { b: 'world', a: 'hello', 'a/c': '!' };
const port = {
  list: async () => Object.keys(files),
  readText: async (name: string) => files[name as keyof typeof files],
};

test('text files come in the order of their names, each with its end token', async () => {
  const dataset = await textFileDataset(port, byteTokenizer, { seqLength: 13, separator: 'eos' });
  const [row] = await dataset.read([0]);
  expect(byteTokenizer.decode(row![0] as Int32Array)).toBe('hello!world');
  expect(
    Array.from(row![0] as Int32Array)
      .map((id, i) => (id === byteTokenizer.eos ? i : -1))
      .filter((i) => i >= 0),
  ).toEqual([5, 7, 13]);
  const joined = await textFileDataset(port, byteTokenizer, { seqLength: 10 });
  expect(joined.rows).toBe(1);
  const none = textFileDataset(port, { encode: () => [] }, { seqLength: 1, separator: 'eos' });
  await expect(none).rejects.toMatchObject({ code: 'option', path: 'train_dataset.data_loader.separator' });
});

test('an abort stops the packing', async () => {
  const signal = AbortSignal.abort(new Error('stop'));
  await expect(textFileDataset(port, byteTokenizer, { seqLength: 1, signal })).rejects.toThrow('stop');
});
