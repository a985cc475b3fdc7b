import path from 'node:path';
import type { Proof } from '@cairn/ckpt-format/folder';
import { localFolder } from '@cairn/storage';
import type { ExpectedContents } from './checkpoint-file.ts';
import { proveFile } from './checkpoint-file.ts';
import { saveCheckpoint } from './save-checkpoint.ts';
import type { Save, SavedFiles } from './save-checkpoint.ts';

/** One save that is to be written, and where. */
export interface SaveOrder {
  /** Absolute path of the folder above `checkpoint/`. */
  readonly root: string;
  readonly save: Save;
  /** What the checkpoint must hold when it is read back; null = it is not read back. */
  readonly prove: ExpectedContents | null;
}

/** A save whose files are durable. */
export interface WrittenSave extends SavedFiles {
  /** Null when the checkpoint was not read back. */
  readonly proof: Proof | null;
}

/** What writes the saves of a rank, one after another. */
export interface CheckpointWriter {
  /** Whether the state may change while a save is written. */
  readonly inBackground: boolean;
  /**
   * Begins a save. In the background everything it needs has been copied when this returns; the next one may begin when
   * the promise is settled.
   */
  write(order: SaveOrder): Promise<WrittenSave>;
  close(): Promise<void>;
}

/** Writes saves while training waits. */
export function waitingWriter(): CheckpointWriter {
  return { inBackground: false, write: writeSave, close: () => Promise.resolve() };
}

/**
 * Writes a save, and reads the checkpoint back when its proof is asked for.
 *
 * @throws StorageError
 */
export async function writeSave({ root, save, prove }: SaveOrder): Promise<WrittenSave> {
  const files = await saveCheckpoint(localFolder(root), save);
  return { ...files, proof: prove && (await proveFile(path.join(root, files.checkpoint), prove, save.seal)) };
}
