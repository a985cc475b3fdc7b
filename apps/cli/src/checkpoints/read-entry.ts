import type { ByteSource } from '@cairn/bytes';
import { elementBytes, elementCount } from '@cairn/bytes';
import type { CheckpointEntry, ElementValues, StoredTensor } from '@cairn/ckpt-format';
import { elementValues, readElements, readTensor } from '@cairn/ckpt-format';
import { edgesOf } from '../render/array/array-edges.ts';
import { arrayText } from '../render/array/array-text.ts';
import { elementFormat, scalarFormat } from '../render/array/element-format.ts';
import { valuesJson } from '../render/array/values-json.ts';
import { shapeText } from '../render/checkpoint-file.ts';
import { usageError } from '../usage-error.ts';
import type { OpenCheckpoint } from './open-checkpoint.ts';

/** A list of more values does not fit into one JSON text. */
const MAX_JSON_VALUES = 4_194_304;

/** What an entry holds, in words: numbers as numpy prints them. */
export async function entryLines({ source }: OpenCheckpoint, entry: CheckpointEntry): Promise<readonly string[]> {
  const { name } = entry;
  if (entry.kind === 'text') return [entry.text];
  if (entry.kind === 'tensor') return [tensorTitle(name, entry), await tensorText(source, entry)];
  const lines: string[] = [];
  for (const [i, part] of (['keys', 'values', 'status'] as const).entries()) {
    const tensor = entry.tensors[i]!;
    lines.push(tensorTitle(`${name} (map: ${part})`, tensor), await tensorText(source, tensor));
  }
  return lines;
}

/** What an entry holds, as one JSON object with all its values. */
export async function entryJson({ file, source }: OpenCheckpoint, entry: CheckpointEntry): Promise<string> {
  const { name } = entry;
  if (entry.kind === 'text') return JSON.stringify({ file, name, text: entry.text });
  const head = JSON.stringify({ file, name }).slice(0, -1);
  if (entry.kind === 'tensor') return `${head},${await tensorFields(source, name, entry)}}`;
  const [keys, values, status] = entry.tensors;
  const parts: string[] = [];
  for (const [part, tensor] of [
    ['keys', keys],
    ['values', values],
    ['status', status],
  ] as const) {
    parts.push(`"${part}":{${await tensorFields(source, name, tensor)}}`);
  }
  return `${head},${parts.join()}}`;
}

function tensorTitle(name: string, { dtype, shape }: StoredTensor): string {
  return `${name}: ${dtype} ${shapeText(shape)}`;
}

async function tensorText(source: ByteSource, tensor: StoredTensor): Promise<string> {
  const { dtype, shape } = tensor;
  if (tensor.bytes === 0) return '[]';
  const edges = edgesOf(shape);
  if (edges === null) throw await usageError(`a tensor of ${shape.length} axes is too much to print: use --npy FILE`);
  const runs: Uint8Array[] = [];
  for (const [begin, end] of edges.runs) runs.push(await readElements(source, tensor, begin, end));
  const values = elementValues(dtype, joined(runs, elementBytes(dtype)));
  if (shape.length === 0) return scalarFormat(dtype, values[0]!);
  return arrayText({ values, shape: edges.shape, gaps: edges.gaps }, elementFormat(dtype, values));
}

function joined(runs: readonly Uint8Array[], width: number): Uint8Array {
  const bytes = new Uint8Array(
    Math.max(
      width,
      runs.reduce((sum, run) => sum + run.length, 0),
    ),
  );
  let at = 0;
  for (const run of runs) {
    bytes.set(run, at);
    at += run.length;
  }
  return bytes;
}

/** dtype, shape and values, without braces: the values are too many to go through an array of texts. */
async function tensorFields(source: ByteSource, name: string, tensor: StoredTensor): Promise<string> {
  const { dtype, shape } = tensor;
  const elements = elementCount(shape);
  if (elements > MAX_JSON_VALUES) {
    const message = `${name} has ${elements} values, --json prints at most ${MAX_JSON_VALUES}: use --npy FILE`;
    throw await usageError(message);
  }
  const values: ElementValues = elementValues(dtype, await readTensor(source, tensor));
  return `"dtype":${JSON.stringify(dtype)},"shape":${JSON.stringify(shape)},"values":${valuesJson(dtype, values)}`;
}
