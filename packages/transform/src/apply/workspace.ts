import { digestKernel, rowCopyKernel } from '@cairn/bytes';
import type { DigestKernel, RowCopyKernel } from '@cairn/bytes';

/** Two fit what is near a core of the caches: 512 KiB and 1 MiB are fastest (compute-and-io §2.6). */
export const BLOCK_BYTES: number = 2 ** 19;
/** Memory is made in pages of this size. */
const PAGE_BYTES = 65_536;
/** The kernels keep the first page for themselves. */
const KERNEL_BYTES = PAGE_BYTES;
/** What is written next has room for the rest of an element behind it. */
const OVER_BYTES = PAGE_BYTES;

/** Memory that files are written through: one block for what is read, one for what is to be written. */
export interface Workspace {
  /** Whole memory; addresses below count in it. */
  readonly memory: WebAssembly.Memory;
  readonly digests: DigestKernel;
  readonly rows: RowCopyKernel;
  /** Where rows are read to before they are put in their places. */
  readonly inAt: number;
  /** Where what is written next is put together. */
  readonly outAt: number;
  /** Bytes of each block. */
  readonly blockBytes: number;
}

/**
 * Makes a workspace. It is used by one file at a time, and by as many files after each other as one likes.
 *
 * @param blockBytes bytes of each of its two blocks, a multiple of 64 KiB
 */
export function createWorkspace(blockBytes: number = BLOCK_BYTES): Workspace {
  const memory = new WebAssembly.Memory({ initial: (KERNEL_BYTES + 2 * blockBytes + OVER_BYTES) / PAGE_BYTES });
  const inAt = KERNEL_BYTES;
  const outAt = inAt + blockBytes;
  return { memory, digests: digestKernel(memory), rows: rowCopyKernel(memory), inAt, outAt, blockBytes };
}
