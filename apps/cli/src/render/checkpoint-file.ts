import { elementCount } from '@cairn/bytes';
import type { CheckpointEntry, CheckpointIndex, StoredTensor, TensorEntry } from '@cairn/ckpt-format';
import type { JsonObject } from './json-object.ts';
import { countText, sizeText } from './size-text.ts';
import { tableLines } from './table.ts';

/** Letters of a text that are shown in a list. */
const SHOWN_LETTERS = 60;

/** What a checkpoint file holds, as an object for programs. */
export function checkpointFileJson(
  file: string,
  { format, entries, metadata, crc, repeatedNames }: CheckpointIndex,
): JsonObject {
  const form = ({ dtype, shape, bytes }: StoredTensor): JsonObject => ({ dtype, shape, bytes });
  return {
    file,
    format,
    tensors: tensorsOf(entries).map((entry) => ({ name: entry.name, ...form(entry) })),
    texts: entries.flatMap((entry) => (entry.kind === 'text' ? [{ name: entry.name, text: entry.text }] : [])),
    maps: entries.flatMap((entry) => {
      if (entry.kind !== 'map') return [];
      const [keys, values, status] = entry.tensors;
      return [{ name: entry.name, keys: form(keys), values: form(values), status: form(status) }];
    }),
    metadata,
    crc,
    repeatedNames,
  };
}

/** What a checkpoint file holds, as a table. */
export function checkpointFileLines(file: string, index: CheckpointIndex): readonly string[] {
  const { format, entries, metadata, crc, bytes, repeatedNames } = index;
  const tensors = tensorsOf(entries);
  const elements = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const stored = tensors.reduce((sum, tensor) => sum + tensor.bytes, 0);
  const rows = entries.flatMap(rowsOf);
  return [
    `${file}: ${format}, ${sizeText(bytes)}${crc === null ? '' : ', with a CRC'}`,
    ...tableLines([['name', 'dtype', 'shape', 'bytes'], ...rows]),
    `${countText(tensors.length, 'tensor')}, ${countText(elements, 'element')}, ${sizeText(stored)}`,
    ...Object.entries(metadata).map(([key, value]) => `metadata ${key}: ${shortened(value)}`),
    ...repeatedNames.map((name) => `${name} stands several times in the file`),
  ];
}

function tensorsOf(entries: readonly CheckpointEntry[]): readonly TensorEntry[] {
  return entries.filter((entry) => entry.kind === 'tensor');
}

function rowsOf(entry: CheckpointEntry): (string | number)[][] {
  if (entry.kind === 'text') return [[entry.name, 'text', shortened(entry.text)]];
  if (entry.kind === 'tensor') return [[entry.name, entry.dtype, shapeText(entry.shape), entry.bytes]];
  const parts = ['keys', 'values', 'status'];
  return entry.tensors.map(({ dtype, shape, bytes }, i) => [
    `${entry.name} (map: ${parts[i]})`,
    dtype,
    shapeText(shape),
    bytes,
  ]);
}

/** `[2, 3]`. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** A text in quotes, cut when it is long. */
export function shortened(text: string): string {
  return JSON.stringify(text.length > SHOWN_LETTERS ? `${text.slice(0, SHOWN_LETTERS)}…` : text);
}
