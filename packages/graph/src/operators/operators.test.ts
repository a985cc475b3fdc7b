import { expect, test } from 'vitest';
import { GraphBuilder } from '../builder.ts';
import { withGradients } from '../differentiate.ts';
import type { Value } from '../graph.ts';
import { interpret } from '../interpret.ts';
import type { Tensor } from '../tensor.ts';
import type { OperatorName } from './table.ts';
import { operators } from './table.ts';

/** Reproducible values in (-1, 1). */
function values(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

interface Sample {
  readonly op: OperatorName;
  readonly note: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly build: (g: GraphBuilder, inputs: Record<string, Value>) => Value;
}

const t = (shape: number[], seed: number, shift = 0): Tensor => ({
  shape,
  data: values(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ).map((x) => x + shift),
});
const ids = (shape: number[], ...data: number[]): Tensor => ({ shape, data: Int32Array.from(data) });

/** At least one use of every operator; inputs that are not differentiated are integers. */
const samples: readonly Sample[] = [
  {
    op: 'add',
    note: 'same shape',
    inputs: { a: t([2, 3], 1), b: t([2, 3], 2) },
    build: (g, v) => g.add(v['a']!, v['b']!),
  },
  { op: 'add', note: 'stretched', inputs: { a: t([2, 3], 1), b: t([3], 2) }, build: (g, v) => g.add(v['a']!, v['b']!) },
  { op: 'sub', note: '', inputs: { a: t([2, 1], 1), b: t([2, 3], 2) }, build: (g, v) => g.sub(v['a']!, v['b']!) },
  {
    op: 'mul',
    note: 'both stretched',
    inputs: { a: t([2, 1, 3], 1), b: t([4, 1], 2) },
    build: (g, v) => g.mul(v['a']!, v['b']!),
  },
  { op: 'div', note: '', inputs: { a: t([2, 3], 1), b: t([2, 1], 2, 3) }, build: (g, v) => g.div(v['a']!, v['b']!) },
  { op: 'scale', note: '', inputs: { a: t([5], 1) }, build: (g, v) => g.scale(v['a']!, -2.5) },
  { op: 'offset', note: '', inputs: { a: t([5], 1) }, build: (g, v) => g.offset(v['a']!, 0.5) },
  { op: 'exp', note: '', inputs: { a: t([5], 1) }, build: (g, v) => g.exp(v['a']!) },
  { op: 'log', note: '', inputs: { a: t([5], 1, 2) }, build: (g, v) => g.log(v['a']!) },
  { op: 'sqrt', note: '', inputs: { a: t([5], 1, 2) }, build: (g, v) => g.sqrt(v['a']!) },
  { op: 'reciprocal', note: '', inputs: { a: t([5], 1, 2) }, build: (g, v) => g.reciprocal(v['a']!) },
  { op: 'sigmoid', note: '', inputs: { a: t([5], 1) }, build: (g, v) => g.sigmoid(v['a']!) },
  {
    op: 'matmul',
    note: 'plain',
    inputs: { a: t([2, 3], 1), b: t([3, 4], 2) },
    build: (g, v) => g.matmul(v['a']!, v['b']!),
  },
  {
    op: 'matmul',
    note: 'a turned',
    inputs: { a: t([3, 2], 1), b: t([3, 4], 2) },
    build: (g, v) => g.matmul(v['a']!, v['b']!, { a: true }),
  },
  {
    op: 'matmul',
    note: 'b turned, in batches',
    inputs: { a: t([2, 2, 3], 1), b: t([2, 4, 3], 2) },
    build: (g, v) => g.matmul(v['a']!, v['b']!, { b: true }),
  },
  {
    op: 'matmul',
    note: 'both turned',
    inputs: { a: t([3, 2], 1), b: t([4, 3], 2) },
    build: (g, v) => g.matmul(v['a']!, v['b']!, { a: true, b: true }),
  },
  { op: 'reshape', note: '', inputs: { a: t([2, 6], 1) }, build: (g, v) => g.reshape(v['a']!, [3, 4]) },
  { op: 'transpose', note: '', inputs: { a: t([2, 3, 4], 1) }, build: (g, v) => g.transpose(v['a']!, [2, 0, 1]) },
  { op: 'broadcast', note: '', inputs: { a: t([2, 1, 3], 1) }, build: (g, v) => g.broadcast(v['a']!, [2, 2, 4, 3]) },
  { op: 'slice', note: '', inputs: { a: t([4, 2], 1) }, build: (g, v) => g.slice(v['a']!, 1, 3) },
  {
    op: 'pad',
    note: '',
    inputs: { a: t([2, 2], 1) },
    build: (g, v) => g.apply('pad', [v['a']!], { before: 1, rows: 5 }),
  },
  { op: 'rotateHalf', note: '', inputs: { a: t([2, 6], 1) }, build: (g, v) => g.rotateHalf(v['a']!) },
  { op: 'sum', note: '', inputs: { a: t([2, 3, 4], 1) }, build: (g, v) => g.sum(v['a']!, [0, 2]) },
  { op: 'softmax', note: '', inputs: { a: t([3, 4], 1) }, build: (g, v) => g.softmax(v['a']!) },
  {
    op: 'gather',
    note: 'an id twice',
    inputs: { a: t([4, 3], 1), i: ids([3], 2, 0, 2) },
    build: (g, v) => g.gather(v['a']!, v['i']!),
  },
  {
    op: 'scatterRows',
    note: 'an id twice',
    inputs: { a: t([3, 2], 1), i: ids([3], 2, 0, 2) },
    build: (g, v) => g.apply('scatterRows', [v['a']!, v['i']!], { rows: 4 }),
  },
  {
    op: 'take',
    note: '',
    inputs: { a: t([3, 4], 1), i: ids([3, 1], 3, 0, 2) },
    build: (g, v) => g.take(v['a']!, v['i']!),
  },
  {
    op: 'scatterElements',
    note: '',
    inputs: { a: t([3, 1], 1), i: ids([3, 1], 3, 0, 2) },
    build: (g, v) => g.apply('scatterElements', [v['a']!, v['i']!], { width: 4 }),
  },
  {
    op: 'crossEntropy',
    note: '',
    inputs: { a: t([3, 5], 1), i: ids([3, 1], 4, 0, 2) },
    build: (g, v) => g.crossEntropy(v['a']!, v['i']!),
  },
  {
    op: 'collective',
    note: 'alone',
    inputs: { a: t([2, 3], 1) },
    build: (g, v) => g.collective(v['a']!, { kind: 'all-reduce', reduce: 'sum', axis: 0, group: 'model', size: 1 }),
  },
];

/** Operators that need no gradient check of their own, and why. */
const withoutGradientCheck = {
  max: 'has no gradient; checked with the cross entropy over a cut vocabulary',
  crossEntropyGradient: 'is a gradient; checked through crossEntropy',
  round: 'is a step function; its gradient is a rounding by definition',
};

test('every operator has a gradient check', () => {
  const covered = new Set([...samples.map(({ op }) => op), ...Object.keys(withoutGradientCheck)]);
  expect([...covered].sort()).toEqual(Object.keys(operators).sort());
});

test.each(samples)('the gradient of $op ($note) is that of finite differences', ({ inputs, build }) => {
  const g = new GraphBuilder();
  const named = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      g.input(name, shape, data instanceof Int32Array ? 'int32' : 'float32'),
    ]),
  );
  const y = build(g, named);
  const graph = g.build({ y });
  const wrt = Object.keys(inputs).filter((name) => inputs[name]?.data instanceof Float32Array);
  const weights: Tensor = {
    shape: y.shape,
    data: values(
      y.shape.reduce((a, b) => a * b, 1),
      9,
    ),
  };
  const backward = withGradients(graph, { wrt });
  const gradients = interpret(backward, new Map([...Object.entries(inputs), ['d.y', weights]]));

  const loss = (changed: Record<string, Tensor>): number => {
    const out = interpret(graph, new Map(Object.entries({ ...inputs, ...changed }))).get('y');
    return weights.data instanceof Float32Array
      ? weights.data.reduce((total, w, i) => total + w * out!.data[i]!, 0)
      : 0;
  };
  const step = 2 ** -9;
  for (const name of wrt) {
    const { shape, data } = inputs[name]!;
    data.forEach((_, i) => {
      const moved = (by: number): Tensor => ({
        shape,
        data: Float32Array.from(data, (x, j) => (j === i ? x + by : x)),
      });
      const slope = (loss({ [name]: moved(step) }) - loss({ [name]: moved(-step) })) / (2 * step);
      expect(gradients.get(`d.${name}`)?.data[i]).toBeCloseTo(slope, 2);
    });
  }
});
