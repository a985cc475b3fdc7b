import type { Column } from './column.ts';

/** What a size may be, in bytes. */
interface SizeRange {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** Sizes MindSpore allows for the header area (qwen-llama-data §5.5). */
export const HEADER_BYTES: SizeRange = { default: 2 ** 24, min: 2 ** 14, max: 2 ** 27 };
/** Sizes MindSpore allows for pages. */
export const PAGE_BYTES: SizeRange = { default: 2 ** 25, min: 2 ** 15, max: 2 ** 28 };
/** Length field in front of the header, of a blob and of a raw row. */
export const LENGTH_BYTES = 8;

/** One page: BLOB pages hold the rows of one row group, RAW pages the raw rows of one or more groups. */
export interface Page {
  readonly id: number;
  readonly type: 'BLOB_DATA' | 'RAW_DATA';
  /** Of a BLOB page: its row group. */
  readonly typeId: number;
  /** Rows [startRow, endRow) of a BLOB page; 0, 0 of a RAW page. */
  readonly startRow: number;
  readonly endRow: number;
  /** Of a RAW page: the groups in it and where in the page each begins. */
  readonly groups: readonly { readonly id: number; readonly offset: number }[];
  readonly usedBytes: number;
}

/** The JSON header of one data file (docs/formats/mindrecord.md, "Header"). */
export interface Header {
  readonly version: '2.0' | '3.0';
  readonly headerBytes: number;
  readonly pageBytes: number;
  readonly columns: readonly Column[];
  readonly blobFields: readonly string[];
  readonly indexFields: readonly string[];
  readonly description: string;
  readonly pages: readonly Page[];
  readonly shardId: number;
  /** File names of all shards, without folder. */
  readonly shardNames: readonly string[];
  /** Bytes saved by packing, never negative; only an estimate for readers. */
  readonly compressionBytes: number;
}

/** Where a page begins in its data file. */
export function pageOffset(header: Pick<Header, 'headerBytes' | 'pageBytes'>, pageId: number): number {
  return header.headerBytes + header.pageBytes * pageId;
}

/** What all files of one data set must have in common, as a text to compare. */
export function headerSignature(header: Header): string {
  const { version, headerBytes, pageBytes, columns, blobFields, indexFields, description } = header;
  return JSON.stringify([version, headerBytes, pageBytes, columns, blobFields, indexFields, description]);
}

/** The header as MindSpore's writer spells it: this order of keys, no blanks, UTF-8 as it is. */
export function headerJson(header: Header): string {
  const { pages, indexFields } = header;
  const entries: [string, string][] = [
    ['header_size', String(header.headerBytes)],
    ['index_fields', indexFields.length === 0 ? 'null' : jsonArray(indexFields, indexJson)],
    ['page', pages.length === 0 ? 'null' : jsonArray(pages, (page) => pageJson(page, header.shardId))],
    ['page_size', String(header.pageBytes)],
    ['compression_size', String(header.compressionBytes)],
    ['schema', `[${schemaJson(header)}]`],
    ['shard_addresses', JSON.stringify(header.shardNames)],
    ['shard_id', String(header.shardId)],
    ['statistics', 'null'],
    ['version', JSON.stringify(header.version)],
  ];
  return jsonObject(entries);
}

function indexJson(name: string): string {
  return JSON.stringify({ index_field: name, schema_id: 0 });
}

function pageJson(page: Page, shardId: number): string {
  return JSON.stringify({
    end_row_id: page.endRow,
    page_id: page.id,
    page_size: page.usedBytes,
    page_type: page.type,
    page_type_id: page.typeId,
    row_group_ids: page.groups.length === 0 ? [{ id: 0, offset: 0 }] : page.groups,
    shard_id: shardId,
    start_row_id: page.startRow,
  });
}

/** Spelled by hand, because JSON.stringify puts keys that look like integers first. */
function schemaJson({ columns, blobFields, description }: Header): string {
  const fields = columns.map(({ name, type, shape }): [string, string] => [
    name,
    JSON.stringify(shape === undefined ? { type } : { shape, type }),
  ]);
  return jsonObject([
    ['blob_fields', JSON.stringify(blobFields)],
    ['desc', JSON.stringify(description)],
    ['schema', jsonObject(fields)],
  ]);
}

function jsonObject(entries: readonly (readonly [string, string])[]): string {
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
}

function jsonArray<T>(values: readonly T[], json: (value: T) => string): string {
  return `[${values.map((value) => json(value)).join(',')}]`;
}
