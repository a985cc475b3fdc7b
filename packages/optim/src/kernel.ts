import { WASM } from './kernels/update.wasm.ts';

interface UpdateKernel {
  sumOfSquares(at: number, count: number): number;
  adam(
    w: number,
    g: number,
    m: number,
    v: number,
    count: number,
    beta1: number,
    beta2: number,
    eps: number,
    gradientScale: number,
    keep: number,
    rate: number,
    correction: number,
  ): void;
}

/** Elements worked on at once: four arrays of them fit the first two cache levels. */
const BLOCK = 4096;
/** The stub runtime of the kernel keeps its data below this address. */
const BASE = 65536;

let loaded:
  | { kernel: UpdateKernel; blocks: readonly [Float32Array, Float32Array, Float32Array, Float32Array] }
  | undefined;

function load() {
  if (loaded === undefined) {
    const memory = new WebAssembly.Memory({ initial: (BASE + 4 * 4 * BLOCK) / 65536 });
    const code = Uint8Array.from(atob(WASM), (char) => char.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } });
    const block = (i: number): Float32Array => new Float32Array(memory.buffer, BASE + i * 4 * BLOCK, BLOCK);
    // The exports' signatures are those of kernels/update.ts.
    loaded = { kernel: exports as unknown as UpdateKernel, blocks: [block(0), block(1), block(2), block(3)] };
  }
  return loaded;
}

/** Sum of the squares in float64, in a fixed order; NaN or infinite when an element is. */
export function sumOfSquares(values: Float32Array): number {
  const { kernel, blocks } = load();
  let total = 0;
  for (let i = 0; i < values.length; i += BLOCK) {
    const part = values.subarray(i, i + BLOCK);
    blocks[0].set(part);
    total += kernel.sumOfSquares(BASE, part.length);
  }
  return total;
}

/** Arrays of one parameter, all of the same length. */
export interface AdamArrays {
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** Numbers of one Adam step; see `adam` in kernels/update.ts. */
export interface AdamNumbers {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly gradientScale: number;
  readonly keep: number;
  readonly rate: number;
  readonly correction: number;
}

/** One Adam step in place on values, m and v; the gradient is only read. */
export function adamStep({ values, gradient, m, v }: AdamArrays, n: AdamNumbers): void {
  const { kernel, blocks } = load();
  const [w, g, first, second] = blocks;
  const at = (i: number): number => BASE + i * 4 * BLOCK;
  for (let i = 0; i < values.length; i += BLOCK) {
    const count = Math.min(BLOCK, values.length - i);
    w.set(values.subarray(i, i + count));
    g.set(gradient.subarray(i, i + count));
    first.set(m.subarray(i, i + count));
    second.set(v.subarray(i, i + count));
    // The kernel takes four at a time; what lies behind `count` is computed and thrown away.
    const four = Math.ceil(count / 4) * 4;
    kernel.adam(
      at(0),
      at(1),
      at(2),
      at(3),
      four,
      n.beta1,
      n.beta2,
      n.eps,
      n.gradientScale,
      n.keep,
      n.rate,
      n.correction,
    );
    values.set(w.subarray(0, count), i);
    m.set(first.subarray(0, count), i);
    v.set(second.subarray(0, count), i);
  }
}
