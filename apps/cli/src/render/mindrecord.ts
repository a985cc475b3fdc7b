import type { Column, ColumnValue, MindRecord, Row } from '@cairn/mindrecord';
import { shapeText, shortened } from './checkpoint-file.ts';
import type { JsonObject } from './json-object.ts';
import { countText, sizeText } from './size-text.ts';
import { tableLines } from './table.ts';

/** Elements of the first row that are shown. */
const SHOWN_ELEMENTS = 16;

type OpenSet = Pick<MindRecord, 'columns' | 'rows' | 'files' | 'layout'>;

/** What a MindRecord set holds, as an object for programs. */
export function mindRecordJson(file: string, set: OpenSet, first: Row | undefined): JsonObject {
  const { columns, rows, files, layout } = set;
  const { pages, ...made } = layout;
  return {
    file,
    ...made,
    columns,
    rows,
    files: files.map(({ name, rows }, i) => ({ file: name, rows, pages: pages[i] })),
    first: first === undefined ? null : Object.fromEntries(columns.map(({ name }) => [name, beginning(first[name]!)])),
  };
}

/** What a MindRecord set holds, in words. */
export function mindRecordLines(file: string, set: OpenSet, first: Row | undefined): readonly string[] {
  const { columns, rows, files, layout } = set;
  const { version, description, headerBytes, pageBytes, indexFields, pages, shards } = layout;
  return [
    `${file}: MindRecord ${version}, ${countText(rows, 'row')} in ${countText(shards, 'file')}`,
    `description: ${JSON.stringify(description)}`,
    `header area ${sizeText(headerBytes)}, pages of ${sizeText(pageBytes)}`,
    ...(indexFields.length > 0 ? [`indexed by ${indexFields.join(', ')}`] : []),
    ...tableLines([['column', 'type', 'shape', 'first row'], ...columns.map((column) => columnRow(column, first))]),
    ...tableLines([['file', 'rows', 'pages'], ...files.map(({ name, rows }, i) => [name, rows, pages[i] ?? 0])]),
  ];
}

function columnRow({ name, type, shape }: Column, first: Row | undefined): string[] {
  const shown = shape === undefined ? '-' : shapeText(shape);
  return [name, type, shown, first === undefined ? '-' : valueText(first[name]!)];
}

function valueText(value: ColumnValue): string {
  if (typeof value === 'string') return shortened(value);
  if (typeof value !== 'object') return String(value);
  const more = value.length > SHOWN_ELEMENTS ? ` … (${value.length})` : '';
  return `${elementsOf(value).join(' ')}${more}`;
}

/** A value as JSON, of a list its beginning. */
function beginning(value: ColumnValue): unknown {
  if (typeof value === 'string') return value.slice(0, 1000);
  if (typeof value !== 'object') return jsonNumber(value);
  return { length: value.length, values: elementsOf(value).map(jsonNumber) };
}

function elementsOf(values: ColumnValue & object): readonly (number | bigint)[] {
  // Every list of values can be sliced; their types differ in the elements alone.
  return Array.from<number | bigint>((values as Int32Array).subarray(0, SHOWN_ELEMENTS));
}

function jsonNumber(value: number | bigint): number | string {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return Number.isFinite(value) ? value : String(value);
}
