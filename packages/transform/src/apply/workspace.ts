import { digestKernel, rowCopyKernel } from '@cairn/bytes';
import type { DigestKernel, RowCopyKernel } from '@cairn/bytes';

/** Written at once. Whoever waits for a write is woken, which on a virtual machine takes longer than to write 64 KiB. */
export const BLOCK_BYTES: number = 2 ** 21;
/** What is put together at once: with what it is read from it stays near the core, in half a block of cache. */
const TILES_OF_BLOCK = 8;
/** Memory is made in pages of this size. */
const PAGE_BYTES = 65_536;
/** The kernels keep the first page for themselves. */
const KERNEL_BYTES = PAGE_BYTES;
/** What is written next has room for the rest of an element behind it. */
const OVER_BYTES = PAGE_BYTES;

/** Of which all but one may be on their way. */
const OUT_BLOCKS = 3;

/** Memory that files are written through. */
export interface Workspace {
  /** Whole memory; addresses below count in it. */
  readonly memory: WebAssembly.Memory;
  readonly digests: DigestKernel;
  readonly rows: RowCopyKernel;
  /** Where rows are read to before they are put in their places: bytes of a tile. */
  readonly inAt: number;
  /** Where what is written is put together, by turns. */
  readonly outAt: readonly number[];
  /** Bytes of a block that is written. */
  readonly blockBytes: number;
  /** Bytes that are put together at once. */
  readonly tileBytes: number;
}

/**
 * Makes a workspace. It is used by one file at a time, and by as many files after each other as one likes.
 *
 * @param blockBytes bytes written at once, a multiple of 64 KiB
 */
export function createWorkspace(blockBytes: number = BLOCK_BYTES): Workspace {
  const { inAt, outAt, tileBytes, bytes } = placesOf(blockBytes);
  const memory = new WebAssembly.Memory({ initial: bytes / PAGE_BYTES });
  return { memory, digests: digestKernel(memory), rows: rowCopyKernel(memory), inAt, outAt, blockBytes, tileBytes };
}

/** Bytes that a workspace takes. */
export function workspaceBytes(blockBytes: number = BLOCK_BYTES): number {
  return placesOf(blockBytes).bytes;
}

function placesOf(blockBytes: number): Pick<Workspace, 'inAt' | 'outAt' | 'tileBytes'> & { readonly bytes: number } {
  const tileBytes = blockBytes / TILES_OF_BLOCK;
  const outFrom = KERNEL_BYTES + Math.ceil(tileBytes / PAGE_BYTES) * PAGE_BYTES;
  const outBytes = blockBytes + OVER_BYTES;
  const outAt = Array.from({ length: OUT_BLOCKS }, (_, i) => outFrom + i * outBytes);
  return { inAt: KERNEL_BYTES, outAt, tileBytes, bytes: outFrom + OUT_BLOCKS * outBytes };
}
