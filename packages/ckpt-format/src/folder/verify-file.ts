import type { ByteSource } from '@cairn/bytes';
import type { CheckpointFormat, CheckpointIndex } from '../checkpoint-index.ts';
import { isCkptError } from '../ckpt-error.ts';
import { indexCheckpoint } from '../index-checkpoint.ts';
import { verifyCrc } from '../verify-crc.ts';
import { readPosition } from './read-position.ts';
import type { CheckpointPosition } from './read-position.ts';
import type { SideFile } from './side-file.ts';
import type { Unlock } from './survey.ts';
import { unlocked } from './survey.ts';
import type { Flaw } from './tensor-flaws.ts';
import { tensorFlaws } from './tensor-flaws.ts';

/** How a file is read, and what it is measured by. */
export interface VerifyOptions {
  readonly format: CheckpointFormat;
  /** What lies beside the file; null = nothing. */
  readonly side: SideFile | null;
  /** For an encrypted file. */
  readonly unlock?: Unlock;
}

/** All that can be said about a checkpoint file from its bytes. */
export interface FileVerdict {
  /** Nothing was found wrong. How much that says, the other fields tell. */
  readonly whole: boolean;
  /** Everything wrong, in the order of the file. */
  readonly flaws: readonly Flaw[];
  /** Whether every byte was accounted for: names, types, shapes and lengths fit. */
  readonly structure: boolean;
  /** `unknown` where the structure is damaged. */
  readonly crc: 'ok' | 'mismatch' | 'absent' | 'unknown';
  /** Tensors of the file; null where the structure is damaged. */
  readonly tensors: number | null;
  /** Tensors that fit a digest beside the file. */
  readonly digested: number;
  readonly position: CheckpointPosition | null;
}

/**
 * Checks a checkpoint file against itself (structure, CRC) and against the digests beside it, to the end, whatever is
 * found. Memory does not depend on the file.
 */
export async function verifyFile(source: ByteSource, options: VerifyOptions): Promise<FileVerdict> {
  const { format, side, unlock = unlocked } = options;
  let found: Partial<FileVerdict> = {};
  const flaws: Flaw[] = [];
  try {
    const plain = await unlock(source);
    const index = await indexCheckpoint(plain, format);
    found = { structure: true, tensors: tensorNames(index).length };
    if (side) for await (const flaw of tensorFlaws(plain, index, side)) flaws.push(flaw);
    found = { ...found, digested: side === null ? 0 : fitting(index, side, flaws) };
    const crc = await verifyCrc(plain, index);
    if (crc === 'mismatch') flaws.push({ why: 'its CRC does not fit its contents', tensor: null, byte: null });
    found = { ...found, crc };
    found = { ...found, position: await readPosition(plain, index) };
  } catch (error) {
    if (!isCkptError(error)) throw error;
    flaws.push({ why: error.message, tensor: error.tensor ?? null, byte: error.byte ?? null });
  }
  const nothing = { structure: false, crc: 'unknown', tensors: null, digested: 0, position: null } as const;
  return { ...nothing, ...found, whole: flaws.length === 0, flaws };
}

function tensorNames(index: CheckpointIndex): readonly string[] {
  return index.entries.filter(({ kind }) => kind === 'tensor').map(({ name }) => name);
}

function fitting(index: CheckpointIndex, side: SideFile, flaws: readonly Flaw[]): number {
  const damaged = new Set(flaws.map(({ tensor }) => tensor));
  return tensorNames(index).filter((name) => Object.hasOwn(side.tensors, name) && !damaged.has(name)).length;
}
