import { GraphBuilder } from './builder.ts';
import type { Graph, GraphNode, Value } from './graph.ts';
import { graphOf } from './graph.ts';
import { operatorOf } from './operators/table.ts';
import { GraphError } from './tensor.ts';

export interface DifferentiateOptions {
  /** Inputs whose gradients are wanted. */
  readonly wrt: readonly string[];
  /** Those of them whose gradient is added onto a running sum instead of being returned alone. */
  readonly accumulate?: readonly string[];
  /** What the backward pass finds ready: every intermediate value it uses, or only the inputs (it computes the rest again). */
  readonly keep: 'activations' | 'inputs';
}

export interface Differentiated {
  /** The graph itself, with what the backward pass uses as further outputs `saved.0`, `saved.1`, … */
  readonly forward: Graph;
  /**
   * Inputs: those of the graph that it uses, `saved.N`, for each output its gradient `d.<output>`, for each
   * accumulated input the running sum `sum.<input>`. Outputs: `d.<input>`, the sums included.
   */
  readonly backward: Graph;
}

/**
 * Reverse-mode differentiation over the graph's own operators.
 *
 * @throws GraphError when a wanted input does not exist or no output depends on it
 */
export function differentiate(graph: Graph, { wrt, accumulate = [], keep }: DifferentiateOptions): Differentiated {
  const builder = GraphBuilder.from(graph);
  const gradients = backPropagate(graph, builder, wrt);
  const outputs = new Map<string, Value>();
  for (const name of wrt) {
    const gradient = gradients.get(inputOf(graph, name));
    if (gradient === undefined) throw new GraphError(`no output depends on ${name}`);
    const summed = accumulate.includes(name)
      ? builder.add(builder.input(`sum.${name}`, gradient.shape), gradient)
      : gradient;
    outputs.set(`d.${name}`, summed);
  }
  return splitPasses(graph, builder, outputs, keep);
}

function inputOf(graph: Graph, name: string): Value {
  const value = graph.inputs.get(name);
  if (value === undefined) throw new GraphError(`there is no input ${name}`);
  return value;
}

/** Appends the gradient nodes; returns the gradient of every value that has one. */
function backPropagate(graph: Graph, builder: GraphBuilder, wrt: readonly string[]): Map<Value, Value> {
  const active = dependsOn(graph, wrt);
  const gradients = new Map<Value, Value>();
  for (const [name, value] of graph.outputs) {
    if (active.has(value)) gradients.set(value, builder.input(`d.${name}`, value.shape));
  }
  for (const node of graph.nodes.toReversed()) {
    const dy = gradients.get(node.output);
    if (dy === undefined) continue;
    const parts = operatorOf(node.op).gradient(builder, node, dy);
    node.inputs.forEach((input, i) => {
      const part = parts[i];
      if (!part || !active.has(input)) return;
      const before = gradients.get(input);
      gradients.set(input, before ? builder.add(before, part) : part);
    });
  }
  return gradients;
}

/** The values that depend on the named inputs. */
function dependsOn(graph: Graph, names: readonly string[]): Set<Value> {
  const active = new Set(names.map((name) => inputOf(graph, name)));
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => active.has(input))) active.add(node.output);
  }
  return active;
}

/** Decides what the forward pass saves and cuts the nodes into the two passes. */
function splitPasses(
  graph: Graph,
  builder: GraphBuilder,
  outputs: ReadonlyMap<string, Value>,
  keep: DifferentiateOptions['keep'],
): Differentiated {
  const forwardNodes = new Set<GraphNode>(graph.nodes);
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const saved = new Set<Value>();
  const again = new Set<GraphNode>();

  const need = (value: Value): void => {
    const producer = producers.get(value);
    if (producer === undefined || again.has(producer)) return;
    // A reshape costs nothing, so what lies before it is kept instead.
    if (keep === 'activations' && producer.op !== 'reshape') {
      saved.add(value);
      return;
    }
    again.add(producer);
    producer.inputs.forEach(need);
  };
  const whole = graphOf(builder.inputs, builder.nodes, outputs);
  const gradientNodes = whole.nodes.filter((node) => !forwardNodes.has(node));
  for (const value of [...gradientNodes.flatMap((node) => node.inputs), ...outputs.values()]) need(value);

  const savedNamed = graph.nodes
    .filter((node) => saved.has(node.output))
    .map((node, i) => [`saved.${i}`, node.output] as const);
  const nodes = [...graph.nodes.filter((node) => again.has(node)), ...gradientNodes];
  return {
    forward: graphOf(graph.inputs, graph.nodes, new Map([...graph.outputs, ...savedNamed])),
    backward: graphOf(new Map([...builder.inputs, ...savedNamed]), nodes, outputs),
  };
}
