import type { ByteSource } from '@cairn/bytes';
import type { CheckpointFormat, CheckpointIndex } from '@cairn/ckpt-format';
import { indexCheckpoint, isCkptError } from '@cairn/ckpt-format';
import type { Unlock } from '@cairn/ckpt-format/folder';
import { openFile } from '@cairn/storage';
import { kindOfPath } from '../existing-path.ts';
import { usageError } from '../usage-error.ts';

/** A checkpoint file whose index has been read. */
export interface OpenCheckpoint {
  readonly file: string;
  readonly source: ByteSource;
  readonly index: CheckpointIndex;
}

export interface OpenOptions {
  readonly unlock: Unlock;
  /** Gives a source that is read from instead: to count what is read. */
  readonly counted?: (source: ByteSource) => ByteSource;
}

/**
 * Opens a checkpoint file, works with it and closes it. Errors of the file are told with its name.
 *
 * @throws RunError exit 2 when it is not there or no checkpoint by its name, 4 when it is damaged
 */
export async function withCheckpoint<T>(
  file: string,
  { unlock, counted = (source) => source }: OpenOptions,
  work: (checkpoint: OpenCheckpoint) => Promise<T>,
): Promise<T> {
  const format = await checkpointFormat(file);
  const opened = openFile(file);
  try {
    return await namingFile(file, async () => {
      const source = await unlock(counted(opened));
      return work({ file, source, index: await indexCheckpoint(source, format) });
    });
  } finally {
    await opened.close();
  }
}

/**
 * The format of a checkpoint file by its name.
 *
 * @throws RunError exit 2 for what is not there, for folders, and for pickles
 */
export async function checkpointFormat(file: string): Promise<CheckpointFormat> {
  if ((await kindOfPath(file)) === 'folder') {
    throw await usageError(`${file} is a folder, one file is needed: cairn ckpt ls ${file} shows those in it`, file);
  }
  if (/\.(?:bin|pth?|pkl)$/.test(file)) {
    throw await usageError(`${file} is a pickle, which is code: save the model as safetensors`, file);
  }
  return file.endsWith('.safetensors') ? 'safetensors' : 'ckpt';
}

/** Runs work on a file; what is wrong with the file is an error that names it. */
async function namingFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isCkptError(error)) throw error;
    const { RunError } = await import('@cairn/runtime');
    const { code, message, tensor, byte } = error;
    throw new RunError(code, 4, `${file}: ${message}`, { file, tensor, byte }, { cause: error });
  }
}
