import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { OpenSource } from '@cairn/bytes';
import { sourceOf } from '@cairn/bytes';
import { openMindRecord } from '@cairn/mindrecord';
import { expect, test } from 'vitest';
import { batches, epochOrder, isDataError, mindRecordDataset } from '../src/index.ts';

const folder = new URL('../../../conformance/golden/mindrecord/', import.meta.url);
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as {
  files: Record<string, { parts: Record<string, { rows: Record<string, { data: number[] }>[] }> }>;
};

async function open(name: string): Promise<OpenSource> {
  const bytes = gunzipSync(readFileSync(new URL(`${name}.gz`, folder)));
  return { ...sourceOf(bytes), close() {} };
}

test('batches of the real library’s files hold its rows in the order of its sampler', async () => {
  const file = await openMindRecord(open, ['wiki.mindrecord']);
  const dataset = mindRecordDataset(file, ['input_ids']);
  const order = { fileRows: [40], seed: 42, shuffle: true };
  let step = 10;
  for await (const batch of batches(dataset, { batchSize: 4, epochs: 2, seed: 42, startStep: 10, seqLength: 512 })) {
    const rows = epochOrder(order, 1).slice((step - 10) * 4, (step - 9) * 4);
    expect(batch.rows).toEqual(rows);
    const ids = Array.from(rows).flatMap(
      (row) => expected.files['wiki.mindrecord']!.parts['wiki.mindrecord']!.rows[row]!['input_ids']!.data,
    );
    expect([...batch.inputIds]).toEqual(ids);
    step += 1;
  }
  expect(step).toBe(20);
  await file.close();
});

test('input_columns are taken by position: target_ids are the labels', async () => {
  const file = await openMindRecord(open, ['qa.mindrecord']);
  const dataset = mindRecordDataset(file, ['input_ids', 'target_ids', 'attention_mask']);
  const { rows } = expected.files['qa.mindrecord']!.parts['qa.mindrecord']!;
  for await (const batch of batches(dataset, { batchSize: 7, epochs: 1, seed: 0, shuffle: false })) {
    expect([...batch.labels!]).toEqual(rows.flatMap((row) => row['target_ids']!.data));
  }
});

test('columns that are missing, or hold no ids, are refused when the data set is made', async () => {
  const file = await openMindRecord(open, ['mixed_indexed.mindrecord']);
  const cases: [string[], string, string | undefined][] = [
    [['ids', 'nope'], 'column-missing', 'nope'],
    [['m'], 'column-type', 'm'],
    [['zid'], 'column-type', 'zid'],
    [['ids', 'name'], 'column-type', 'name'],
    [[], 'column-missing', undefined],
  ];
  for (const [columns, code, column] of cases) {
    const make = (): unknown => mindRecordDataset(file, columns);
    expect(make).toThrow(expect.objectContaining({ code, column, path: 'train_dataset.input_columns' }));
  }
  expect(mindRecordDataset(file, ['ids', 'big', 'm', 'name']).columns).toEqual(['ids', 'big', 'm', 'name']);
  expect(isDataError(new Error('other'))).toBe(false);
});
