import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CollectiveAttributes, Graph, GraphNode, GraphPart, Tensor, Value } from '../src/index.ts';
import { cutAtCollectives, GraphBuilder, interpret } from '../src/index.ts';
import { anyGraph, anyInputs } from '../src/testing/index.ts';

const RANKS = 2;
const talking = fc.tuple(anyGraph(RANKS), anyInputs());

type Tensors = ReadonlyMap<string, Tensor>;

/** What a collective gives each rank, one number after the other. All tensors are cut and joined along axis 0. */
function exchanged(
  { kind, reduce }: CollectiveAttributes,
  inputs: readonly Tensor[],
  shape: readonly number[],
): Tensor[] {
  const lists = inputs.map(({ data }) => [...data]);
  const merged = lists[0]!.map((_, i) => {
    const each = lists.map((list) => list[i]!);
    return reduce === 'max' ? Math.max(...each) : each.reduce((a, b) => a + b, 0);
  });
  return lists.map((own, rank) => {
    const part = merged.length / RANKS;
    const data = {
      'all-reduce': merged,
      'all-gather': lists.flat(),
      'reduce-scatter': merged.slice(rank * part, (rank + 1) * part),
      replicate: own,
    }[kind];
    return { shape, data: Float32Array.from(data) };
  });
}

/** The outputs of each rank when all of them go through the uncut graph node by node. */
function uncut(graph: Graph, inputsOfRank: readonly Tensors[]): readonly Tensors[] {
  const known = inputsOfRank.map(
    (inputs) => new Map([...graph.inputs].map(([name, value]) => [value, inputs.get(name)!])),
  );
  for (const node of graph.nodes) {
    const operands = known.map((tensors) => node.inputs.map((value) => tensors.get(value)!));
    const results =
      node.op === 'collective'
        ? exchanged(
            node.attributes,
            operands.map(([only]) => only!),
            node.output.shape,
          )
        : operands.map((tensors) => computed(node, tensors));
    results.forEach((tensor, rank) => known[rank]!.set(node.output, tensor));
  }
  return known.map((tensors) => new Map([...graph.outputs].map(([name, value]) => [name, tensors.get(value)!])));
}

function computed(node: GraphNode, operands: readonly Tensor[]): Tensor {
  const named = node.inputs.map((value, i): [string, Value] => [`i${i}`, value]);
  const graph: Graph = { inputs: new Map(named), nodes: [node], outputs: new Map([['o', node.output]]) };
  return interpret(graph, new Map(operands.map((tensor, i) => [`i${i}`, tensor]))).get('o')!;
}

/** The outputs of each rank when all of them carry out the parts. */
function inParts(parts: readonly GraphPart[], outputs: readonly string[], inputsOfRank: readonly Tensors[]): Tensors[] {
  const known = inputsOfRank.map((inputs) => new Map(inputs));
  for (const part of parts) {
    if (part.kind === 'segment') {
      for (const tensors of known) for (const made of interpret(part.graph, tensors)) tensors.set(...made);
    } else {
      const operands = known.map((tensors) => tensors.get(part.input)!);
      exchanged(part.attributes, operands, part.shape).forEach((tensor, rank) => known[rank]!.set(part.output, tensor));
    }
  }
  return known.map((tensors) => new Map(outputs.map((name) => [name, tensors.get(name)!])));
}

describe('a graph that is cut at its collectives', () => {
  test('gives every rank what the whole graph gives, bit for bit', () => {
    fc.assert(
      fc.property(talking, ([{ graph, inputs }, other]) => {
        const ranks = [inputs, other];
        expect(inParts(cutAtCollectives(graph), [...graph.outputs.keys()], ranks)).toEqual(uncut(graph, ranks));
      }),
      { numRuns: 300 },
    );
  });

  test('has parts that use only what is there and make each name once', () => {
    fc.assert(
      fc.property(talking, ([{ graph }]) => {
        const there = new Set(graph.inputs.keys());
        for (const part of cutAtCollectives(graph)) {
          const used = part.kind === 'segment' ? [...part.graph.inputs.keys()] : [part.input];
          const made = part.kind === 'segment' ? [...part.graph.outputs.keys()] : [part.output];
          expect(used.filter((name) => !there.has(name))).toEqual([]);
          expect(made.filter((name) => there.has(name))).toEqual([]);
          for (const name of made) there.add(name);
        }
        expect([...graph.outputs.keys()].filter((name) => !there.has(name))).toEqual([]);
      }),
    );
  });

  test('has no collective left inside a segment, but such as move nothing; the others are parts, each once', () => {
    fc.assert(
      fc.property(talking, ([{ graph }]) => {
        const moves = (node: GraphNode): boolean => node.op === 'collective' && node.attributes.kind !== 'replicate';
        const parts = cutAtCollectives(graph);
        const inside = parts.flatMap((part) => (part.kind === 'segment' ? part.graph.nodes : []));
        expect(inside.filter(moves)).toEqual([]);
        const cuts = parts.filter(({ kind }) => kind === 'collective');
        expect(cuts).toHaveLength(graph.nodes.filter(moves).length);
        expect(new Set(inside).size).toBe(inside.length);
      }),
    );
  });

  test('of ranks that are alone is one segment', () => {
    fc.assert(
      fc.property(anyGraph(1), ({ graph }) => {
        expect(cutAtCollectives(graph).filter(({ kind }) => kind === 'collective')).toEqual([]);
      }),
    );
    const g = new GraphBuilder();
    const x = g.input('x', [2]);
    const alone = { kind: 'all-reduce', reduce: 'sum', axis: 0, group: 'model', size: 1 } as const;
    const parts = cutAtCollectives(g.build({ y: g.add(g.collective(g.exp(x), alone), x) }));
    expect(parts.map(({ kind }) => kind)).toEqual(['segment']);
  });
});
