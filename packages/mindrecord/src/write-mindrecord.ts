import type { Draft, Folder } from '@cairn/bytes';
import { isBlobColumn } from './column.ts';
import { baseName, isNotFound } from './data-file.ts';
import type { EncodedRow } from './encode-row.ts';
import { rowEncoder } from './encode-row.ts';
import type { Header } from './header.ts';
import { headerJson, LENGTH_BYTES, PAGE_BYTES } from './header.ts';
import { IndexWriter } from './index-writer.ts';
import { isMindRecordError, MindRecordError } from './mindrecord-error.ts';
import { ShardWriter } from './shard-writer.ts';
import type { WriteOptions, WritePlan } from './write-plan.ts';
import { writePlan } from './write-plan.ts';

/** Data files and indexes are readable by their owner only, as MindSpore leaves them. */
const FILE_MODE = 0o600;

/** What was written. */
export interface WriteResult {
  readonly rows: number;
  /** Rows left out because they do not fit the schema. */
  readonly dropped: number;
  /** Data files, with the folder part of the name; each has its index `FILE.db`. */
  readonly files: readonly string[];
}

/** What this package needs of a folder. */
export type WriteFolder = Pick<Folder, 'open' | 'create' | 'commit'>;

/**
 * Writes a MindRecord 3.0 data set: one or more data files, each with its SQLite index. Nothing is visible before
 * everything is written, and nothing is left after an error.
 *
 * Rows stream: beside one call's rows, a page or less a shard is in memory, and the indexes. Rows of a call are
 * spread over shards in contiguous runs of equal size; what remains goes round the shards in turn (MindSpore: to
 * random ones), so that single rows are dealt out one by one.
 *
 * @param name path of the data file in the folder
 * @throws MindRecordError `file-exists`, `name`, `schema`, `size`, `row-invalid`, `row-too-large`, `header-too-large`
 */
export async function writeMindRecord(folder: WriteFolder, name: string, options: WriteOptions): Promise<WriteResult> {
  const plan = writePlan(name, options);
  if (options.overwrite !== true) await checkAbsent(folder, plan.files);
  const drafts: Draft[] = [];
  const indexes: IndexWriter[] = [];
  try {
    for (const file of plan.files) {
      drafts.push(await folder.create(file, { mode: FILE_MODE }));
      indexes.push(await IndexWriter.create(baseName(file), plan.indexColumns));
    }
    const writers = drafts.map((draft, i) => new ShardWriter(draft, indexes[i]!, plan));
    const { rows, dropped, savedBytes } = await writeRows(writers, plan, options);
    for (const [shardId, writer] of writers.entries()) {
      await writer.finish();
      await writeHeader(drafts[shardId]!, plan, writer, shardId, Math.max(0, savedBytes));
    }
    for (const [i, file] of plan.files.entries()) {
      const draft = await folder.create(`${file}.db`, { mode: FILE_MODE });
      drafts.push(draft);
      await draft.write(0, indexes[i]!.finish());
    }
    await folder.commit(drafts);
    return { rows, dropped, files: plan.files };
  } catch (error) {
    await Promise.allSettled(drafts.map((draft) => draft.discard()));
    throw error;
  } finally {
    for (const index of indexes) index.close();
  }
}

async function checkAbsent(folder: WriteFolder, files: readonly string[]): Promise<void> {
  for (const file of files.flatMap((file) => [file, `${file}.db`])) {
    try {
      const source = await folder.open(file);
      await source.close();
    } catch (error) {
      if (isNotFound(error)) continue;
      throw error;
    }
    throw new MindRecordError('file-exists', 'is there already; choose another name or allow overwriting', { file });
  }
}

interface Written {
  readonly rows: number;
  readonly dropped: number;
  readonly savedBytes: number;
}

async function writeRows(writers: readonly ShardWriter[], plan: WritePlan, options: WriteOptions): Promise<Written> {
  const encode = rowEncoder(
    plan.columns,
    plan.indexColumns.map(({ name }) => name),
  );
  let seen = 0;
  let rows = 0;
  let savedBytes = 0;
  for await (const item of options.rows) {
    options.signal?.throwIfAborted();
    const call: EncodedRow[] = [];
    for (const row of Array.isArray(item) ? item : [item]) {
      const encoded = encodeRow(encode, row, seen++, plan, options.invalidRows === 'drop');
      if (encoded !== undefined) call.push(encoded);
    }
    // The shards whose turn it is get one row more.
    const turn = rows % writers.length;
    const extra = call.length % writers.length;
    let begin = 0;
    for (const [shard, writer] of writers.entries()) {
      const more = (shard - turn + writers.length) % writers.length < extra ? 1 : 0;
      const end = begin + Math.floor(call.length / writers.length) + more;
      if (end > begin) await writer.write(call.slice(begin, end));
      begin = end;
    }
    rows += call.length;
    for (const row of call) savedBytes += row.savedBytes;
  }
  if (rows === 0 && seen > 0) {
    throw new MindRecordError(
      'row-invalid',
      `none of the ${seen} rows fits the schema; correct the schema or the rows`,
    );
  }
  return { rows, dropped: seen - rows, savedBytes };
}

/** The stored form of a row, or undefined for a row to be left out. */
function encodeRow(
  encode: ReturnType<typeof rowEncoder>,
  row: unknown,
  number: number,
  { pageBytes }: WritePlan,
  drop: boolean,
): EncodedRow | undefined {
  let encoded: EncodedRow;
  try {
    encoded = encode(row, number);
  } catch (error) {
    if (drop && isMindRecordError(error)) return undefined;
    throw error;
  }
  const bytes = LENGTH_BYTES + Math.max(encoded.blob.length, encoded.raw.length);
  if (bytes <= pageBytes) return encoded;
  const message = `row ${number} takes ${bytes} bytes, a page has ${pageBytes}; set pageBytes higher (at most ${PAGE_BYTES.max})`;
  throw new MindRecordError('row-too-large', message, { row: number });
}

async function writeHeader(
  draft: Draft,
  plan: WritePlan,
  writer: ShardWriter,
  shardId: number,
  compressionBytes: number,
): Promise<void> {
  const { headerBytes, pageBytes, columns, description } = plan;
  const header: Header = {
    version: '3.0',
    headerBytes,
    pageBytes,
    columns,
    blobFields: columns.filter((column) => isBlobColumn(column)).map(({ name }) => name),
    indexFields: plan.indexColumns.map(({ name }) => name),
    description,
    pages: writer.pages,
    shardId,
    shardNames: plan.files.map((file) => baseName(file)),
    compressionBytes,
  };
  const json = new TextEncoder().encode(headerJson(header));
  const bytes = LENGTH_BYTES + json.length;
  if (bytes > headerBytes) {
    const message = `the header takes ${bytes} bytes, its area has ${headerBytes}; set headerBytes or pageBytes higher`;
    throw new MindRecordError('header-too-large', message, { file: draft.name });
  }
  const out = new Uint8Array(bytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, LENGTH_BYTES);
  await draft.write(0, out);
}
