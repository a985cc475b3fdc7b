import type { ByteSource } from '@cairn/bytes';
import type { CheckpointFormat, CheckpointIndex } from './checkpoint-index.ts';
import { indexCkpt } from './ckpt/index-ckpt.ts';
import { indexSafetensors } from './safetensors/index-safetensors.ts';
import { runSteps } from './steps.ts';

/**
 * Lists what a checkpoint file holds without loading it: of a `.ckpt` a page an entry is read, of a safetensors file
 * the header.
 *
 * Every length is checked against the file before it is used, so a damaged file gives an error and nothing else. A
 * `.ckpt` that was cut exactly between two entries is a whole, shorter file to any reader.
 *
 * @param source the file; for an encrypted one what `decrypted` returns
 * @returns the index; at once when the source answers at once
 * @throws CkptError (or rejects, when the source answers later) `truncated`, `malformed`, `empty`, `unknown-dtype`,
 *         `size-mismatch`, `duplicate`, `limit`, `encrypted`
 */
export function indexCheckpoint(
  source: ByteSource,
  format: CheckpointFormat,
): CheckpointIndex | Promise<CheckpointIndex> {
  return runSteps(format === 'ckpt' ? indexCkpt(source) : indexSafetensors(source));
}
