import { layoutSafetensors } from '@cairn/ckpt-format';
import type { PlannedEntry, PlannedFile, PlannedTensor } from './transform-plan.ts';
import { elementBytes, elementCount } from '@cairn/bytes';

/** MindSpore's bound for a part (mindspore-formats §2.4). */
export const UNIFIED_PART_BYTES: number = 3 * 2 ** 30;

/** Name of the file that says which part holds what. */
export const UNIFIED_INDEX: string = 'param_name_map.json';

/** What no strategy lists: step counts, loss scale, and the like. */
const HYPER_PARAMETERS = 'hyper_param.safetensors';

/**
 * A complete checkpoint as parts of about equal size and a file of what is not listed, as `unified_safetensors` makes
 * them (mindspore-formats §2.4): the largest tensors first, each to the part that is smallest so far.
 */
export function unifiedFiles({ entries }: PlannedFile, partBytes: number): readonly PlannedFile[] {
  const tensors = entries.filter((entry) => entry.kind === 'tensor');
  const listed = tensors.filter(({ passed }) => passed === null || passed === 'source-only');
  const rest = tensors.filter((tensor) => !listed.includes(tensor));
  // Converted without strategies, everything is as it was: the parts hold all of it.
  const [inParts, hyper] = listed.length === 0 ? [rest, []] : [listed, rest];
  const total = inParts.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const count = Math.max(1, Math.min(inParts.length, Math.ceil(total / partBytes)));
  const parts = Array.from({ length: count }, () => ({ bytes: 0, entries: [] as PlannedTensor[] }));
  for (const tensor of inParts.toSorted((a, b) => bytesOf(b) - bytesOf(a))) {
    const smallest = parts.reduce((least, part) => (part.bytes < least.bytes ? part : least));
    smallest.entries.push(tensor);
    smallest.bytes += bytesOf(tensor);
  }
  const files = parts.map((part, i) => file(`part${i}.safetensors`, part.entries));
  return hyper.length === 0 ? files : [...files, file(HYPER_PARAMETERS, hyper)];
}

/** The text of the index beside unified files: which part holds which tensor, and their size together. */
export function unifiedIndex(files: readonly PlannedFile[]): string {
  const parts = files.filter(({ name }) => name !== HYPER_PARAMETERS);
  const names = parts.flatMap(({ name, entries }) => entries.map((entry) => [entry.name, name] as const));
  const tensors = parts.flatMap(({ entries }) => entries.filter((entry) => entry.kind === 'tensor'));
  const totalBytes = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const index = { metadata: { total_size: totalBytes }, weight_map: Object.fromEntries(names) };
  return JSON.stringify(index, null, 4);
}

function bytesOf({ dtype, shape }: PlannedTensor): number {
  return elementBytes(dtype) * elementCount(shape);
}

function file(name: string, entries: readonly PlannedEntry[]): PlannedFile {
  const { bytes } = layoutSafetensors(entries);
  return { rank: 0, name, format: 'safetensors', bytes, entries };
}
