/** What a rank folder's `meta.json` says: the last save that is complete (mindformers-behaviour §1.7). */
export interface MetaFile {
  readonly lastEpoch: number;
  readonly lastStep: number;
  /** File name of the checkpoint, with its extension. */
  readonly lastFile: string;
}

/** Name of the file in each rank folder. */
export const META_FILE: string = 'meta.json';

/** Largest `meta.json` that is read; real ones have about a hundred bytes. */
export const MAX_META_BYTES: number = 64 * 1024;

/** The text of a `meta.json`: upstream's three keys in Python's spacing, no newline (ruling 4). */
export function formatMeta({ lastEpoch, lastStep, lastFile }: MetaFile): string {
  return `{"last_epoch": ${lastEpoch}, "last_step": ${lastStep}, "last_ckpt_file": ${asciiJson(lastFile)}}`;
}

/** A JSON text as Python writes it, in ASCII. */
function asciiJson(text: string): string {
  const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replaceAll(/[\u0080-\uffff]/g, escape);
}

/** Reads a `meta.json`; a text that is not one gives the reason. */
export function parseMeta(text: string): MetaFile | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is not JSON' };
  }
  if (typeof value !== 'object' || value === null) return { problem: 'is not an object' };
  const { last_epoch: lastEpoch, last_step: lastStep, last_ckpt_file: lastFile } = value as Record<string, unknown>;
  if (!isCount(lastEpoch) || !isCount(lastStep)) return { problem: 'last_epoch and last_step should be whole numbers' };
  if (typeof lastFile !== 'string' || !/^[^/]+-\d+_\d+\.(?:ckpt|safetensors)$/.test(lastFile)) {
    return { problem: 'last_ckpt_file should be a name like prefix_rank_0-1_2.ckpt' };
  }
  return { lastEpoch, lastStep, lastFile };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
