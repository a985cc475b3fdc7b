import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { forwardAndBackward, withGradients } from './differentiate.ts';
import type { Graph } from './graph.ts';
import { interpret } from './interpret.ts';
import { isGraphError } from './tensor.ts';
import type { Tensor } from './tensor.ts';
import { anyGraph } from './testing/index.ts';

type Tensors = ReadonlyMap<string, Tensor>;

const vector = (...data: number[]): Tensor => ({ shape: [data.length], data: Float32Array.from(data) });

/** Float inputs that an output depends on. */
function differentiable(graph: Graph): readonly string[] {
  const active = new Set(graph.outputs.values());
  for (const node of graph.nodes.toReversed())
    if (active.has(node.output) && node.op !== 'max') for (const input of node.inputs) active.add(input);
  return [...graph.inputs].flatMap(([name, value]) => (active.has(value) && value.scalar === 'float32' ? [name] : []));
}

/** Gradients of the outputs to begin with: 1, 2, 3, … over all of them. */
function outputGradients(graph: Graph): Tensors {
  let next = 1;
  return new Map(
    [...graph.outputs].map(([name, { shape }]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [`d.${name}`, { shape, data: Float32Array.from({ length }, () => next++ / 8) }];
    }),
  );
}

describe.each(['activations', 'inputs'] as const)('two passes that keep %s', (keep) => {
  test('give what one pass gives, bit for bit', () => {
    fc.assert(
      fc.property(anyGraph(), ({ graph, inputs }) => {
        const wanted = { wrt: differentiable(graph) };
        const all = new Map([...inputs, ...outputGradients(graph)]);
        const { forward, backward } = forwardAndBackward(graph, wanted, keep);
        const first = interpret(forward, inputs);
        const second = interpret(backward, new Map([...all, ...first]));
        const whole = interpret(withGradients(graph, wanted), all);
        for (const [name, tensor] of whole) expect(second.get(name) ?? first.get(name), name).toEqual(tensor);
      }),
    );
  });

  test('pass on no more than is used', () => {
    fc.assert(
      fc.property(anyGraph(), ({ graph }) => {
        const { forward, backward } = forwardAndBackward(graph, { wrt: differentiable(graph) }, keep);
        const saved = [...forward.outputs.keys()].filter((name) => name.startsWith('saved.'));
        expect([...backward.inputs.keys()].filter((name) => name.startsWith('saved.'))).toEqual(saved);
        if (keep === 'inputs') expect(saved).toEqual([]);
      }),
    );
  });
});

describe('gradients', () => {
  test('of a value that is two outputs are those of both', () => {
    const g = new GraphBuilder();
    const y = g.scale(g.input('x', [2]), 3);
    const graph = withGradients(g.build({ y, again: y }), { wrt: ['x'] });
    const given = new Map([
      ['x', vector(1, 1)],
      ['d.y', vector(1, 0)],
      ['d.again', vector(10, 100)],
    ]);
    expect(interpret(graph, given).get('d.x')?.data).toEqual(Float32Array.of(33, 300));
  });

  test('of an input that is an output are what comes in', () => {
    const g = new GraphBuilder();
    const x = g.input('x', [2]);
    const graph = withGradients(g.build({ x2: g.mul(x, x), x1: x }), { wrt: ['x'] });
    const given = new Map([
      ['x', vector(3, 5)],
      ['d.x2', vector(1, 1)],
      ['d.x1', vector(100, 200)],
    ]);
    expect(interpret(graph, given).get('d.x')?.data).toEqual(Float32Array.of(106, 210));
  });

  test('that are added up begin with the sum that is given', () => {
    const g = new GraphBuilder();
    const [x, w] = [g.input('x', [2]), g.input('w', [2])];
    const graph = withGradients(g.build({ y: g.mul(x, w), z: w }), { wrt: ['w'], accumulate: ['w'] });
    const given = new Map([
      ['x', vector(3, 5)],
      ['w', vector(1, 1)],
      ['sum.w', vector(1000, 2000)],
      ['d.y', vector(1, 2)],
      ['d.z', vector(100, 100)],
    ]);
    expect(interpret(graph, given).get('d.w')?.data).toEqual(Float32Array.of(1103, 2110));
  });

  test.each([
    ['there is no input q', 'q'],
    ['no output depends on unused', 'unused'],
  ])('%s: is told', (words, wrt) => {
    const g = new GraphBuilder();
    const graph = { ...g.build({ y: g.exp(g.input('x', [2])) }), inputs: g.inputs };
    g.input('unused', [2]);
    expect(() => withGradients(graph, { wrt: [wrt] })).toThrow(words);
    expect(() => withGradients(graph, { wrt: [wrt] })).toThrow(expect.toSatisfy(isGraphError));
  });
});
