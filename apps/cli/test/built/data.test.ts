import fs from 'node:fs';
import path from 'node:path';
import { byteTokenizer, textFileDataset } from '@cairn/data';
import { openMindRecord } from '@cairn/mindrecord';
import { openFile } from '@cairn/storage';
import { gunzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { cairn, golden, objects, temporaryFolder } from './cairn.ts';

vi.setConfig({ testTimeout: 60_000 });

/** Texts whose names are not in the order they are written; where one is read in pieces, a character of three bytes is cut. */
function textFolder(): string {
  const root = temporaryFolder();
  const texts = {
    'b.txt': `A trail. ${'石'.repeat(50_000)}`,
    'a/z.md': 'A cairn.\n'.repeat(40),
    'c.txt': '\u{feff}end',
  };
  for (const [name, text] of Object.entries(texts)) {
    fs.mkdirSync(path.dirname(`${root}/texts/${name}`), { recursive: true });
    fs.writeFileSync(`${root}/texts/${name}`, text);
  }
  return root;
}

async function rowsOf(file: string): Promise<unknown[]> {
  const set = await openMindRecord(async (name) => openFile(name), file);
  const rows = await set.read(Array.from({ length: set.rows }, (_, i) => i));
  await set.close();
  return rows.map((row) => row['input_ids']);
}

test('the rows are those of training from the texts themselves', async () => {
  const root = textFolder();
  const file = `${root}/out/train.mindrecord`;
  const finished = cairn('data', 'text', '--input', `${root}/texts`, '--output', file, '--seq_length', '33', '--json');
  expect([finished.code, finished.stderr]).toEqual([0, '']);
  const names = ['a/z.md', 'b.txt', 'c.txt'].map((name) => `${root}/texts/${name}`);
  const files = { list: async () => names, readText: async (name: string) => fs.promises.readFile(name, 'utf8') };
  const dataset = await textFileDataset(files, byteTokenizer, { seqLength: 33, separator: 'eos' });
  const wanted = await dataset.read(Array.from({ length: dataset.rows }, (_, i) => i));
  expect(await rowsOf(file)).toEqual(wanted.map(([ids]) => ids));
  const [packed] = objects(finished) as [{ leftOut: number }];
  const tokens = dataset.rows * 34;
  expect(packed).toEqual({ rows: dataset.rows, tokens, leftOut: expect.any(Number), texts: 3, files: [file] });
  expect(packed.leftOut).toBeLessThan(34);
  expect(fs.readdirSync(`${root}/out`)).toEqual(['train.mindrecord', 'train.mindrecord.db']);
});

test('patterns, a number of rows, shards', async () => {
  const root = textFolder();
  const input = ['--input', `${root}/texts/**/*.txt`, `${root}/texts/b.txt`];
  const args = [...input, '--output', `${root}/s.mindrecord`, '--seq_length', '9', '--rows', '7', '--shards', '3'];
  const { code, lines } = cairn('data', 'text', ...args);
  expect(code).toBe(0);
  expect(lines[0]).toMatch(/^7 rows of 10 ids: 70 tokens of 1 text, \d+ left out$/);
  expect(lines.slice(1)).toEqual([0, 1, 2].map((i) => `${root}/s.mindrecord${i}`));
  expect(await rowsOf(`${root}/s.mindrecord1`)).toHaveLength(7);
});

test('files that are there are replaced with --force alone, and are no texts themselves', async () => {
  const root = textFolder();
  const args = ['--input', root, '--output', `${root}/x.mindrecord`, '--seq_length', '9'];
  expect(cairn('data', 'text', ...args).code).toBe(0);
  const before = await rowsOf(`${root}/x.mindrecord`);
  expect(cairn('data', 'text', ...args)).toMatchObject({
    code: 2,
    stderr: `error: ${root}/x.mindrecord is there already: give another --output, or replace it with --force\n`,
  });
  expect(cairn('data', 'text', ...args, '--force', '--seq_length', '19').code).toBe(0);
  expect(cairn('data', 'text', ...args, '--force').code).toBe(0);
  expect(await rowsOf(`${root}/x.mindrecord`)).toEqual(before);
});

test.each([
  [
    ['--input', 'ROOT/texts/b.tx', '--seq_length', '9'],
    'no file is found at ROOT/texts/b.tx; the nearest that exists is ROOT/texts/b.txt',
  ],
  [['--input', 'ROOT/texts/*.pdf', '--seq_length', '9'], 'no file is found at ROOT/texts/*.pdf'],
  [['--input', 'ROOT/texts/c.txt', '--seq_length', '9'], 'the texts have 7 tokens, a row has 10'],
  [['--input', 'ROOT/texts', '--seq_length', '0'], 'a whole number from 1 on is needed'],
  [['--input', 'ROOT/texts', '--seq_length', '9', '--shards', '1001'], '1001 shards; 1 to 1000'],
  [['--input', 'ROOT/texts'], "required option '--seq_length <n>' not specified"],
])('%j is exit code 2, and nothing is left', (args, words) => {
  const root = textFolder();
  const inRoot = (text: string): string => text.replaceAll('ROOT', root);
  const { code, stderr } = cairn('data', 'text', ...args.map(inRoot), '--output', `${root}/out/x.mindrecord`);
  expect(code).toBe(2);
  expect(stderr).toContain(inRoot(words));
  expect(fs.existsSync(`${root}/out`) ? fs.readdirSync(`${root}/out`) : []).toEqual([]);
});

test('a name that training does not find in a folder is pointed out; it is no text either', async () => {
  const root = textFolder();
  const args = ['--input', root, '--output', `${root}/x.mr`, '--seq_length', '9'];
  const { code, stderr } = cairn('data', 'text', ...args);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^note: a dataset_dir takes only files whose names end in mindrecord/);
  const before = await rowsOf(`${root}/x.mr`);
  expect(cairn('data', 'text', ...args, '--force').code).toBe(0);
  expect(await rowsOf(`${root}/x.mr`)).toEqual(before);
});

/** Files of the golden data, unpacked. */
function unpacked(...names: readonly string[]): string {
  const root = temporaryFolder();
  for (const name of names.flatMap((each) => [each, `${each}.db`])) {
    fs.writeFileSync(`${root}/${name}`, gunzipSync(fs.readFileSync(golden(`mindrecord/${name}.gz`))));
  }
  return root;
}

test('a set of MindSpore’s files is described once, whichever of them is named', () => {
  const names = [0, 1, 2, 3].map((i) => `four.mindrecord${i}`);
  const root = unpacked(...names);
  const { code, lines } = cairn('data', 'info', `${root}/four.mindrecord2`, `${root}/four.mindrecord0`);
  expect(code).toBe(0);
  expect(lines[0]).toBe(`${root}/four.mindrecord2: MindRecord 3.0, 30 rows in 4 files`);
  expect(lines.filter((line) => line.includes('MindRecord'))).toHaveLength(1);
  expect(names.every((name) => lines.some((line) => line.startsWith(`${root}/${name} `)))).toBe(true);
});

test('with --json one object: schema, sizes, pages, the beginning of the first row', () => {
  const file = golden('mindformers-run/data/train.mindrecord');
  expect(objects(cairn('data', 'info', '--json', file))).toEqual([
    {
      file,
      version: '3.0',
      description: 'tiny language model data',
      headerBytes: 16_384,
      pageBytes: 32_768,
      indexFields: [],
      shards: 1,
      columns: [{ name: 'input_ids', type: 'int32', shape: [-1] }],
      rows: 16,
      files: [{ file, rows: 16, pages: 2 }],
      first: { input_ids: { length: 17, values: [43, 58, 16, 13, 1, 54, 60, 51, 31, 19, 8, 17, 52, 54, 5, 45] } },
    },
  ]);
});

test.each([
  ['cut in the header', 4, (file: string) => fs.truncateSync(file, 100), 'the file ends before'],
  ['cut in the rows', 4, (file: string) => fs.truncateSync(file, 16_400), 'the file ends at byte 16400'],
  ['without its index', 2, (file: string) => fs.rmSync(`${file}.db`), 'the index is not there'],
  ['with a damaged index', 4, (file: string) => fs.truncateSync(`${file}.db`, 5000), 'the index is damaged'],
  ['empty', 4, (file: string) => fs.truncateSync(file, 0), 'too few for a MindRecord file'],
])('a file %s is exit code %i', (_, code, damage, words) => {
  const file = `${unpacked('qa.mindrecord')}/qa.mindrecord`;
  damage(file);
  const finished = cairn('data', 'info', file, '--json');
  expect([finished.code, objects(finished)]).toEqual([code, [expect.objectContaining({ file, ok: false })]]);
  expect(finished.stderr).toContain(words);
});

test('a folder, an index, and what is not there are exit code 2', () => {
  const root = unpacked('qa.mindrecord');
  expect(cairn('data', 'info', root)).toMatchObject({ code: 2, stderr: expect.stringContaining('is a folder') });
  expect(cairn('data', 'info', `${root}/qa.mindrecord.db`)).toMatchObject({
    code: 2,
    stderr: `error: ${root}/qa.mindrecord.db is an index: name the data file, ${root}/qa.mindrecord\n`,
  });
  expect(cairn('data', 'info', `${root}/qa.mindrecrod`)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`the nearest that exists is ${root}/qa.mindrecord`),
  });
});
