import type { Graph, GraphNode, Value } from './graph.ts';
import { graphOf } from './graph.ts';
import type { CollectiveAttributes } from './operators/collective.ts';
import type { Shape } from './tensor.ts';

/** A stretch of a graph between two collectives: runs on one device alone. */
export interface SegmentPart {
  readonly kind: 'segment';
  readonly graph: Graph;
}

/** The ranks of a group exchange one value; names are those of the surrounding parts. */
export interface CollectivePart {
  readonly kind: 'collective';
  readonly input: string;
  readonly output: string;
  /** Shape of the output. */
  readonly shape: Shape;
  readonly attributes: CollectiveAttributes;
}

/** One part of a graph that was cut; parts are carried out in order. */
export type GraphPart = SegmentPart | CollectivePart;

/**
 * Cuts a graph at its collectives of more than one rank; one that replicates moves nothing and stays inside.
 *
 * Values that pass from one part to a later one are named `cut.0`, `cut.1`, …; inputs and outputs keep their names. Where an
 * output is an input, or what a collective gives is two outputs, the last part copies it.
 * Every rank that cuts an equally shaped graph gets the same order of collectives.
 */
export function cutAtCollectives(graph: Graph): readonly GraphPart[] {
  const collectives = graph.nodes.filter((node) => isCut(node));
  const levels = levelsOf(graph);
  const names = namesAcross(graph, levels);
  const otherNames = [...graph.outputs].filter(([name]) => !names.has(name));
  const parts: GraphPart[] = [];
  const last = Math.max(0, ...levels.values());
  for (let level = 0; level <= last; level++) {
    const nodes = graph.nodes.filter((node) => !isCut(node) && levels.get(node.output) === level);
    const made = new Set(nodes.map((node) => node.output));
    const outputs = [...names, ...otherNames].filter(([, value]) => made.has(value));
    const inputs = [...names].filter(([, value]) => !made.has(value));
    if (nodes.length > 0) parts.push({ kind: 'segment', graph: graphOf(new Map(inputs), nodes, new Map(outputs)) });
    for (const node of collectives.filter(({ inputs: [input] }) => levelOf(levels, input) === level)) {
      parts.push(collectivePart(node, names));
    }
  }
  const computed = new Set(graph.nodes.filter((node) => !isCut(node)).map((node) => node.output));
  const copies = otherNames.filter(([, value]) => !computed.has(value));
  if (copies.length > 0) parts.push({ kind: 'segment', graph: graphOf(names, [], new Map(copies)) });
  return parts;
}

function isCut(node: GraphNode): node is Extract<GraphNode, { op: 'collective' }> {
  return node.op === 'collective' && node.attributes.size > 1 && node.attributes.kind !== 'replicate';
}

function levelOf(levels: ReadonlyMap<Value, number>, value: Value | undefined): number {
  return (value && levels.get(value)) ?? 0;
}

/** How many collectives, one after the other, lie before a value. */
function levelsOf(graph: Graph): Map<Value, number> {
  const levels = new Map<Value, number>();
  for (const node of graph.nodes) {
    const before = Math.max(0, ...node.inputs.map((input) => levelOf(levels, input)));
    levels.set(node.output, isCut(node) ? before + 1 : before);
  }
  return levels;
}

/**
 * One name for each input, each output and each value that is used in another part than the one that makes it. Further names
 * of one value are left out.
 */
function namesAcross(graph: Graph, levels: ReadonlyMap<Value, number>): Map<string, Value> {
  const crossing = new Set<Value>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (isCut(node) || levelOf(levels, input) !== levelOf(levels, node.output)) crossing.add(input);
    }
    if (isCut(node)) crossing.add(node.output);
  }
  const named = new Map<string, Value>();
  const taken = new Set<Value>();
  for (const [name, value] of [...graph.inputs, ...graph.outputs]) {
    if (!taken.has(value)) named.set(name, value);
    taken.add(value);
  }
  let count = 0;
  for (const value of crossing) if (!taken.has(value)) named.set(`cut.${count++}`, value);
  return named;
}

function collectivePart(
  node: Extract<GraphNode, { op: 'collective' }>,
  names: ReadonlyMap<string, Value>,
): CollectivePart {
  const nameOf = (value: Value | undefined): string => [...names].find(([, named]) => named === value)?.[0] ?? '';
  return {
    kind: 'collective',
    input: nameOf(node.inputs[0]),
    output: nameOf(node.output),
    shape: node.output.shape,
    attributes: node.attributes,
  };
}
