import fs from 'node:fs';
import path from 'node:path';
import { byteTokenizer, tokenRows } from '@cairn/data';
import type { Row } from '@cairn/mindrecord';
import { isMindRecordError, writeMindRecord } from '@cairn/mindrecord';
import { localFolder, storageError } from '@cairn/storage';
import { usageError } from '../usage-error.ts';

export interface PackTextsOptions {
  /** Files to read, in this order. */
  readonly texts: readonly string[];
  /** The MindRecord file to write. */
  readonly file: string;
  readonly seqLength: number;
  readonly rows?: number | undefined;
  readonly shards: number;
  readonly overwrite: boolean;
  readonly onRead: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** What was written. */
export interface PackedTexts {
  readonly rows: number;
  /** Tokens in the rows. */
  readonly tokens: number;
  /** Tokens that were read and are in no row: too few for one, or beyond the number of rows. */
  readonly leftOut: number;
  /** Texts that were read, the last perhaps in part. */
  readonly texts: number;
  readonly files: readonly string[];
}

/** As MindFormers' llama_preprocess.py makes it of wiki text (qwen-llama-data §5.3). */
const SCHEMA = { input_ids: { type: 'int32', shape: [-1] } } as const;
const DESCRIPTION = 'wiki';

/**
 * Packs texts into MindRecord files, reading them piece by piece. The files appear together when they are complete.
 *
 * @throws DataError `empty` when there is not one row; MindRecordError `file-exists`, `name`, `size`; StorageError
 */
export async function packTexts(options: PackTextsOptions): Promise<PackedTexts> {
  const { file, seqLength, rows, shards, overwrite, signal } = options;
  const counts = { tokens: 0, texts: 0 };
  const tokens = tokensOf(options, counts);
  const written = await orForce(
    path.dirname(file),
    writeMindRecord(localFolder(path.dirname(file)), path.basename(file), {
      schema: SCHEMA,
      description: DESCRIPTION,
      rows: inputIds(tokenRows(tokens, { seqLength, signal, ...(rows === undefined ? {} : { rows }) })),
      shards,
      overwrite,
      signal,
    }),
  );
  const packed = written.rows * (seqLength + 1);
  const files = written.files.map((name) => path.join(path.dirname(file), name));
  return { rows: written.rows, tokens: packed, leftOut: counts.tokens - packed, texts: counts.texts, files };
}

/** Tells what to do on the command line about files that are there already. */
async function orForce<T>(folder: string, writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (error) {
    if (!isMindRecordError(error) || error.code !== 'file-exists') throw error;
    throw await usageError(
      `${path.join(folder, error.file ?? '')} is there already: give another --output, or replace it with --force`,
    );
  }
}

/** The tokens of all texts, each ended by the token for it; counted on the way. */
async function* tokensOf(
  { texts, onRead }: PackTextsOptions,
  counts: { tokens: number; texts: number },
): AsyncGenerator<ArrayLike<number>> {
  const counted = (tokens: ArrayLike<number>): ArrayLike<number> => {
    counts.tokens += tokens.length;
    return tokens;
  };
  for (const text of texts) {
    counts.texts += 1;
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for await (const bytes of bytesOf(text)) {
      onRead(bytes.length);
      yield counted(byteTokenizer.encode(decoder.decode(bytes, { stream: true })));
    }
    yield counted(byteTokenizer.encode(decoder.decode()));
    yield counted([byteTokenizer.eos]);
  }
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    // A stream without encoding gives buffers.
    yield* fs.createReadStream(file) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw storageError(error, file);
  }
}

async function* inputIds(rows: AsyncIterable<Int32Array>): AsyncGenerator<Row> {
  for await (const row of rows) yield { input_ids: row };
}
