import type { AttributesOf, OperatorName } from './operators/table.ts';
import type { Scalar, Shape } from './tensor.ts';

/** One tensor of a graph: an input or the result of a node. Identity is the object. */
export interface Value {
  readonly shape: Shape;
  readonly scalar: Scalar;
}

/** One operator applied to values; `op` and `attributes` together say what it computes. */
export type GraphNode = {
  [K in OperatorName]: {
    readonly op: K;
    readonly attributes: AttributesOf<K>;
    readonly inputs: readonly Value[];
    readonly output: Value;
  };
}[OperatorName];

/** Values under their names, in a fixed order. */
export type Named = ReadonlyMap<string, Value>;

/** A computation without effects or state: nodes in an order in which every input comes before its use. */
export interface Graph {
  readonly inputs: Named;
  readonly nodes: readonly GraphNode[];
  readonly outputs: Named;
}

/**
 * The graph of the given outputs: only nodes they need, only inputs they need.
 *
 * @param inputs all inputs there are, in order
 * @param nodes  all nodes there are, each after what it uses
 */
export function graphOf(inputs: Named, nodes: readonly GraphNode[], outputs: Named): Graph {
  const needed = new Set<Value>(outputs.values());
  const kept = nodes.toReversed().filter((node) => {
    if (!needed.has(node.output)) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  return {
    inputs: new Map([...inputs].filter(([, value]) => needed.has(value))),
    nodes: kept.reverse(),
    outputs,
  };
}

/** A graph as text for people: one node a line, values as %0, %1, … with their shapes. */
export function printGraph(graph: Graph): string {
  const names = new Map<Value, string>();
  for (const [name, value] of graph.inputs) names.set(value, name);
  const nameOf = (value: Value): string => names.get(value) ?? '?';
  const lines = [...graph.inputs].map(([name, value]) => `${name}: ${value.scalar} [${value.shape}]`);
  graph.nodes.forEach((node, i) => {
    names.set(node.output, `%${i}`);
    const attributes = Object.entries(node.attributes).map(([key, value]) => `, ${key} ${JSON.stringify(value)}`);
    lines.push(
      `%${i} = ${node.op}(${node.inputs.map(nameOf).join(', ')}${attributes.join('')}) [${node.output.shape}]`,
    );
  });
  for (const [name, value] of graph.outputs) lines.push(`${name} <- ${nameOf(value)}`);
  return lines.join('\n');
}
