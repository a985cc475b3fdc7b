import { GraphBuilder, toOnnx } from '@cairn/graph';
import type { Graph, GraphNode, Program } from '@cairn/graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { timeOf } from './measure.ts';

/** The device's own settings: one thread. */
export const ONE_THREAD: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
};

type Matmul = Extract<GraphNode, { op: 'matmul' }>;

/** A matrix product of a step, and how often a step computes it. */
interface CountedMatmul {
  readonly node: Matmul;
  readonly times: number;
  /** Two for each multiplication: it comes with an addition. */
  readonly flops: number;
}

/** Every matrix product of one step of a program, equal ones together. */
export function matmulsOf(program: Program): readonly CountedMatmul[] {
  const units = program.schedule.filter(({ pass }) => pass === 'forward').length;
  const counted = new Map<string, CountedMatmul>();
  for (const instruction of [...program.forward, ...program.backward]) {
    if (instruction.kind !== 'run') continue;
    for (const node of program.segments[instruction.segment]?.graph.nodes ?? []) {
      if (node.op !== 'matmul') continue;
      const key = JSON.stringify([node.attributes, node.inputs.map(({ shape }) => shape)]);
      const times = (counted.get(key)?.times ?? 0) + units;
      counted.set(key, { node, times, flops: flopsOf(node) });
    }
  }
  return [...counted.values()];
}

function flopsOf({ inputs, attributes, output }: Matmul): number {
  const [rows = 0, columns = 0] = inputs[0]?.shape.slice(-2) ?? [];
  const inner = attributes.transposeA ? rows : columns;
  return 2 * inner * output.shape.reduce((product, size) => product * size, 1);
}

/** Floating-point operations of a step in matrix products. */
export function stepFlops(matmuls: readonly CountedMatmul[]): number {
  return matmuls.reduce((sum, { times, flops }) => sum + times * flops, 0);
}

/**
 * Milliseconds that onnxruntime takes for nothing but the matrix products of a step, on one thread.
 *
 * @param rounds how often each is measured; the least counts
 */
export async function matmulMs(matmuls: readonly CountedMatmul[], rounds: number): Promise<number> {
  let total = 0;
  for (const { node, times } of matmuls) {
    const session = await InferenceSession.create(toOnnx(alone(node)), ONE_THREAD);
    const random = (shape: readonly number[]): Tensor => {
      const length = shape.reduce((product, size) => product * size, 1);
      return new Tensor(
        'float32',
        Float32Array.from({ length }, (_, i) => Math.sin(i)),
        shape,
      );
    };
    const { a, b } = plainShapes(node);
    const feeds = { a: random(a), b: random(b) };
    const output = Object.fromEntries(session.outputNames.map((name) => [name, random(node.output.shape)]));
    await session.run(feeds, output);
    const taken: number[] = [];
    for (let round = 0; round < rounds; round++) taken.push(await timeOf(() => session.run(feeds, output)));
    total += times * Math.min(...taken);
    await session.release();
  }
  return total;
}

/** A graph of the product without its transpositions: the core's own rate, whatever order the step needs. */
function alone(node: Matmul): Graph {
  const g = new GraphBuilder();
  const { a, b } = plainShapes(node);
  return g.build({ product: g.matmul(g.input('a', a), g.input('b', b)) });
}

/** Shapes [..., m, k] and [..., k, n] of the operands. */
function plainShapes({ inputs, attributes, output }: Matmul): { a: readonly number[]; b: readonly number[] } {
  const lead = output.shape.slice(0, -2);
  const [m = 0, n = 0] = output.shape.slice(-2);
  const [rows = 0, columns = 0] = inputs[0]?.shape.slice(-2) ?? [];
  const k = attributes.transposeA ? rows : columns;
  return { a: [...lead, m, k], b: [...lead, k, n] };
}
