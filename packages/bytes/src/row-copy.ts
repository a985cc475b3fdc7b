import { WASM } from './kernels/copy-rows.wasm.ts';

/** Copies of rows within a memory, as fast as the machine copies memory from 256 bytes a row on. */
export interface RowCopyKernel {
  /**
   * Copies `rows` rows of `row` bytes from byte `from` to byte `to`; the next row lies `fromStep` and `toStep` bytes
   * further on. Rows to copy to must not overlap rows to copy from that come later.
   */
  copyRows(to: number, from: number, rows: number, row: number, toStep: number, fromStep: number): void;
}

/**
 * Puts the row copy on a memory. Bytes to copy go above the first 64 KiB, which are the kernel's own.
 *
 * @param memory may be the one of a `digestKernel`, so that rows are digested where they were gathered
 */
export function rowCopyKernel(memory: WebAssembly.Memory): RowCopyKernel {
  const code = Uint8Array.from(atob(WASM), (char) => char.charCodeAt(0));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
  // The export's signature is that of kernels/copy-rows.ts.
  return exports as unknown as RowCopyKernel;
}
