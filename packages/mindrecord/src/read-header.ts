import type { ByteSource } from '@cairn/bytes';
import { readBytes } from '@cairn/bytes';
import { isBlobColumn } from './column.ts';
import type { Header, Page } from './header.ts';
import { HEADER_BYTES, LENGTH_BYTES, PAGE_BYTES } from './header.ts';
import { MindRecordError } from './mindrecord-error.ts';
import { columnsOf } from './schema.ts';

/** Page ids beyond this would put offsets beyond 2^53; 4 PiB a file at the largest page size. */
const MAX_PAGES = 2 ** 24;

/**
 * Reads and checks the header of a data file.
 *
 * @throws MindRecordError `truncated`, `header-damaged`, `version`
 */
export async function readHeader(source: ByteSource, file: string): Promise<Header> {
  if (source.size < LENGTH_BYTES) {
    throw new MindRecordError('truncated', `${source.size} bytes are too few for a MindRecord file`, { file, byte: 0 });
  }
  const prefix = await readBytes(source, 0, LENGTH_BYTES);
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  if (length > HEADER_BYTES.max - LENGTH_BYTES) throw damaged(`a header of ${length} bytes`, file);
  if (length > source.size - LENGTH_BYTES) {
    const message = `the header has ${length} bytes, the file ends before; copy or write the file again`;
    throw new MindRecordError('truncated', message, { file, byte: source.size });
  }
  return parseHeader(jsonOf(await readBytes(source, LENGTH_BYTES, length), file), length, file);
}

function jsonOf(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new MindRecordError('header-damaged', 'the header is no JSON text', { file, byte: LENGTH_BYTES }, error);
  }
}

function parseHeader(json: unknown, length: number, file: string): Header {
  const header = fieldsOf(json, 'header', file);
  const { version } = header;
  if (version !== '2.0' && version !== '3.0') {
    const message = `version ${JSON.stringify(version)} of MindRecord is not known; 2.0 and 3.0 are read`;
    throw new MindRecordError('version', message, { file });
  }
  const headerBytes = whole(header['header_size'], 'header_size', HEADER_BYTES.max, file);
  const pageBytes = whole(header['page_size'], 'page_size', PAGE_BYTES.max, file);
  if (length + LENGTH_BYTES > headerBytes) throw damaged(`header_size is ${headerBytes}, the header longer`, file);
  const [schema] = list(header['schema'], 'schema', file).map((entry) => fieldsOf(entry, 'schema', file));
  const columns = columnsOf(schema?.['schema'], (message) => damaged(message, file));
  const blobFields = list(schema?.['blob_fields'], 'blob_fields', file).map(String);
  const blobColumns = columns.filter((column) => isBlobColumn(column)).map(({ name }) => name);
  if ([...blobFields].sort().join() !== blobColumns.join()) {
    throw damaged(`blob_fields ${JSON.stringify(blobFields)} do not fit the schema`, file);
  }
  const pages = list(header['page'] ?? [], 'page', file).map((page) => pageOf(page, pageBytes, file));
  checkPages(pages, file);
  const shardNames = list(header['shard_addresses'], 'shard_addresses', file).map(String);
  const indexFields = list(header['index_fields'] ?? [], 'index_fields', file).map((entry) =>
    String(fieldsOf(entry, 'index_fields', file)['index_field']),
  );
  return {
    version,
    headerBytes,
    pageBytes,
    columns,
    blobFields,
    indexFields,
    description: typeof schema?.['desc'] === 'string' ? schema['desc'] : '',
    pages,
    shardId: whole(header['shard_id'] ?? 0, 'shard_id', MAX_PAGES, file),
    shardNames,
    // Files of older releases lack it.
    compressionBytes: whole(header['compression_size'] ?? 0, 'compression_size', Number.MAX_SAFE_INTEGER, file),
  };
}

function pageOf(json: unknown, pageBytes: number, file: string): Page {
  const page = fieldsOf(json, 'page', file);
  const type = page['page_type'];
  if (type !== 'BLOB_DATA' && type !== 'RAW_DATA') throw damaged(`page_type ${JSON.stringify(type)}`, file);
  const groups = list(page['row_group_ids'], 'row_group_ids', file).map((entry) => {
    const group = fieldsOf(entry, 'row_group_ids', file);
    return {
      id: whole(group['id'], 'row group', MAX_PAGES, file),
      offset: whole(group['offset'], 'row group offset', pageBytes, file),
    };
  });
  return {
    id: whole(page['page_id'], 'page_id', MAX_PAGES, file),
    type,
    typeId: whole(page['page_type_id'], 'page_type_id', MAX_PAGES, file),
    startRow: whole(page['start_row_id'], 'start_row_id', 2 ** 31, file),
    endRow: whole(page['end_row_id'], 'end_row_id', 2 ** 31, file),
    groups,
    usedBytes: whole(page['page_size'], 'page_size of a page', pageBytes, file),
  };
}

/** Page ids are distinct, and the BLOB pages hold the row groups 0, 1, 2, ... with rows one after another. */
function checkPages(pages: readonly Page[], file: string): void {
  if (new Set(pages.map((page) => page.id)).size !== pages.length) throw damaged('a page_id occurs twice', file);
  const blobs = pages.filter((page) => page.type === 'BLOB_DATA').sort((a, b) => a.typeId - b.typeId);
  let row = 0;
  for (const [group, page] of blobs.entries()) {
    if (page.typeId !== group) throw damaged(`the BLOB page of row group ${group} is missing`, file);
    if (page.startRow !== row || page.endRow < row) {
      throw damaged(`page ${page.id} has rows ${page.startRow} to ${page.endRow}, row ${row} is expected`, file);
    }
    row = page.endRow;
  }
}

function fieldsOf(json: unknown, what: string, file: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null) throw damaged(`${what} is no object`, file);
  return json as Record<string, unknown>; // Any object may be asked for any key.
}

function list(json: unknown, what: string, file: string): unknown[] {
  if (!Array.isArray(json)) throw damaged(`${what} is no list`, file);
  return json;
}

function whole(json: unknown, what: string, max: number, file: string): number {
  if (!Number.isSafeInteger(json) || Number(json) < 0 || Number(json) > max) {
    throw damaged(`${what} is ${JSON.stringify(json)}`, file);
  }
  return Number(json);
}

function damaged(message: string, file: string): MindRecordError {
  return new MindRecordError('header-damaged', `the header is damaged: ${message}`, { file, byte: LENGTH_BYTES });
}
