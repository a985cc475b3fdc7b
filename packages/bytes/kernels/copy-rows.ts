// AssemblyScript. Built into src/kernels/copy-rows.wasm.ts by tools/build-kernels.mjs.

/** Copies `rows` rows of `row` bytes each; the next row lies `fromStep` and `toStep` bytes further on. */
export function copyRows(to: usize, from: usize, rows: u32, row: usize, toStep: usize, fromStep: usize): void {
  for (let i: u32 = 0; i < rows; i++, to += toStep, from += fromStep) memory.copy(to, from, row);
}
