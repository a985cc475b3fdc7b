import fs from 'node:fs';
import type { ByteSource } from '@cairn/bytes';
import { indexCheckpoint, isCkptError, readTensor } from '@cairn/ckpt-format';
import type { CheckpointFormat, CheckpointIndex, TensorEntry } from '@cairn/ckpt-format';
import type { ExpectedEntry, Proof, SideFile } from '@cairn/ckpt-format/folder';
import { MAX_SIDE_BYTES, parseSideFile, proveWhole, sideFileName } from '@cairn/ckpt-format/folder';
import { openFile } from '@cairn/storage';
import { RunError } from '../run-error.ts';
import type { SealSettings } from './sealed-files.ts';
import { unsealed } from './sealed-files.ts';

/** A checkpoint whose contents can be had. */
export interface ReadableCheckpoint {
  readonly file: string;
  readonly index: CheckpointIndex;
  /** The content of one of its tensors. */
  readonly content: (tensor: TensorEntry) => Uint8Array | Promise<Uint8Array>;
}

/** A checkpoint file that is open and indexed. */
export interface OpenCheckpoint extends ReadableCheckpoint {
  readonly source: ByteSource;
  close(): Promise<void>;
}

/** Entries that files of a rank must hold, by name. */
export interface ExpectedContents {
  /** Of a file that holds everything the rank has. */
  readonly whole: ReadonlyMap<string, ExpectedEntry>;
  /** Of a file that lacks what other ranks store that have the same. */
  readonly owned: ReadonlyMap<string, ExpectedEntry>;
  /** Which of them it is where a file does not say. */
  readonly reduced: boolean;
}

/** Key of a safetensors file's metadata that says whether it lacks what other ranks store (mindspore-formats §1.9). */
export const REDUCED_KEY = 'remove_redundancy';

/** Whether a file lacks what other ranks store; what the file says wins over what the configuration says. */
export function isReduced({ metadata }: CheckpointIndex, otherwise: boolean): boolean {
  const said = metadata[REDUCED_KEY];
  return said === undefined ? otherwise : said === 'True';
}

/** Format of a checkpoint by its ending. */
function formatOf(file: string): CheckpointFormat {
  if (/\.(?:bin|pth?|pt)$/.test(file)) {
    throw new RunError('unsupported', 2, `${file} is a pickle, which is code: save the model as safetensors`, { file });
  }
  return file.endsWith('.safetensors') ? 'safetensors' : 'ckpt';
}

/**
 * Opens and indexes a checkpoint for loading. The caller closes it.
 *
 * @throws RunError exit 4 when it is damaged, StorageError when it cannot be read
 */
export async function openCheckpoint(file: string, seal: SealSettings | null): Promise<OpenCheckpoint> {
  const opened = openFile(file);
  try {
    const source = await unsealed(opened, seal);
    const index = await indexCheckpoint(source, formatOf(file));
    return {
      file,
      source,
      index,
      content: (tensor) => readTensor(source, tensor),
      close: async () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    if (!isCkptError(error)) throw error;
    const { code, message, tensor, byte } = error;
    throw new RunError(code, 4, `${file}: ${message}`, { file, tensor, byte }, { cause: error });
  }
}

/**
 * Proves from its contents, and those of the side file beside it, that a checkpoint is whole.
 *
 * @param expected entries it must hold; null = not known
 */
export async function proveFile(
  file: string,
  expected: ExpectedContents | null,
  seal: SealSettings | null,
): Promise<Proof> {
  const opened = openFile(file);
  try {
    const source = await unsealed(opened, seal);
    const format = formatOf(file);
    const wanted = expected && (await expectedOf(source, format, expected));
    return await proveWhole(source, { format, expected: wanted, side: readSide(file) });
  } finally {
    await opened.close();
  }
}

/** What a file must hold by what it says of itself; of one that cannot be read the proof will say so. */
async function expectedOf(
  source: ByteSource,
  format: CheckpointFormat,
  expected: ExpectedContents,
): Promise<ReadonlyMap<string, ExpectedEntry>> {
  try {
    const index = await indexCheckpoint(source, format);
    return isReduced(index, expected.reduced) ? expected.owned : expected.whole;
  } catch (error) {
    if (!isCkptError(error)) throw error;
    return expected.whole;
  }
}

/** The side file of a checkpoint; null when there is none that can be used. */
export function readSide(checkpoint: string): SideFile | null {
  const file = sideFileName(checkpoint);
  const info = fs.statSync(file, { throwIfNoEntry: false });
  if (info === undefined || info.size > MAX_SIDE_BYTES) return null;
  const side = parseSideFile(fs.readFileSync(file, 'utf8'));
  return 'problem' in side ? null : side;
}
