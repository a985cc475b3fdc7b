import { GraphBuilder } from './builder.ts';
import type { Graph, GraphNode, Value } from './graph.ts';
import { graphOf } from './graph.ts';
import { operatorOf } from './operators/table.ts';
import { GraphError } from './tensor.ts';

/**
 * What is differentiated. The gradients of the outputs become inputs `d.<output>`, those asked for become outputs
 * `d.<input>`.
 */
export interface GradientsWanted {
  /** Inputs whose gradients are wanted. */
  readonly wrt: readonly string[];
  /** Those of them whose gradient is added onto a running sum, a further input `sum.<input>`. */
  readonly accumulate?: readonly string[];
}

/**
 * The graph and its gradients as one graph: reverse-mode differentiation over the graph's own operators.
 *
 * @throws GraphError when a wanted input does not exist or no output depends on it
 */
export function withGradients(graph: Graph, wanted: GradientsWanted): Graph {
  const { builder, gradients } = backPropagate(graph, wanted);
  return graphOf(builder.inputs, builder.nodes, new Map([...graph.outputs, ...gradients]));
}

/** The two passes of a graph, as {@link forwardAndBackward} makes them. */
export interface Passes {
  /** The graph itself, with what the backward pass uses as further outputs `saved.0`, `saved.1`, … */
  readonly forward: Graph;
  /** Inputs: those of the graph that it uses, `saved.N`, `d.<output>`, `sum.<input>`. Outputs: `d.<input>`. */
  readonly backward: Graph;
}

/**
 * The graph and its gradients as two graphs, for passes that are run at different times.
 *
 * @param keep what the backward pass finds ready: every intermediate value it uses, or only the inputs (it computes
 *             the rest again)
 * @throws GraphError as {@link withGradients}
 */
export function forwardAndBackward(graph: Graph, wanted: GradientsWanted, keep: 'activations' | 'inputs'): Passes {
  const { builder, gradients } = backPropagate(graph, wanted);
  const forwardNodes = new Set<GraphNode>(graph.nodes);
  const whole = graphOf(builder.inputs, builder.nodes, gradients);
  const gradientNodes = whole.nodes.filter((node) => !forwardNodes.has(node));
  const { saved, again } = splitForward(
    graph,
    [...gradientNodes.flatMap((node) => node.inputs), ...gradients.values()],
    keep,
  );
  const savedNamed = saved.map((value, i) => [`saved.${i}`, value] as const);
  return {
    forward: graphOf(graph.inputs, graph.nodes, new Map([...graph.outputs, ...savedNamed])),
    backward: graphOf(new Map([...builder.inputs, ...savedNamed]), [...again, ...gradientNodes], gradients),
  };
}

function inputOf(graph: Graph, name: string): Value {
  const value = graph.inputs.get(name);
  if (value === undefined) throw new GraphError(`there is no input ${name}`);
  return value;
}

/** Appends the gradient nodes to the graph's; returns the wanted gradients by name. */
function backPropagate(
  graph: Graph,
  { wrt, accumulate = [] }: GradientsWanted,
): { builder: GraphBuilder; gradients: Map<string, Value> } {
  const builder = GraphBuilder.from(graph);
  const active = dependsOn(graph, wrt);
  const gradientOf = new Map<Value, Value>();
  // A running sum is where the additions begin, so that each of them can be made in place.
  for (const name of accumulate) {
    const value = inputOf(graph, name);
    gradientOf.set(value, builder.input(`sum.${name}`, value.shape));
  }
  const receive = (value: Value, part: Value): void => {
    const before = gradientOf.get(value);
    gradientOf.set(value, before ? builder.add(before, part) : part);
  };
  for (const [name, value] of graph.outputs) {
    if (active.has(value)) receive(value, builder.input(`d.${name}`, value.shape));
  }
  for (const node of graph.nodes.toReversed()) {
    const dy = gradientOf.get(node.output);
    if (dy === undefined) continue;
    const parts = operatorOf(node.op).gradient(builder, node, dy);
    node.inputs.forEach((input, i) => {
      const part = parts[i];
      if (part && active.has(input)) receive(input, part);
    });
  }
  const gradients = new Map<string, Value>();
  for (const name of wrt) {
    const gradient = gradientOf.get(inputOf(graph, name));
    if (gradient === undefined) throw new GraphError(`no output depends on ${name}`);
    gradients.set(`d.${name}`, gradient);
  }
  return { builder, gradients };
}

/** The values that depend on the named inputs. */
function dependsOn(graph: Graph, names: readonly string[]): Set<Value> {
  const active = new Set(names.map((name) => inputOf(graph, name)));
  for (const node of graph.nodes) {
    if (node.inputs.some((input) => active.has(input))) active.add(node.output);
  }
  return active;
}

/** Of the forward values the backward pass needs: which are saved, and which nodes it runs again instead. */
function splitForward(
  graph: Graph,
  needed: readonly Value[],
  keep: 'activations' | 'inputs',
): { saved: Value[]; again: GraphNode[] } {
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
  needed.forEach(need);
  const inOrder = graph.nodes.map((node) => node.output);
  return { saved: inOrder.filter((value) => saved.has(value)), again: graph.nodes.filter((node) => again.has(node)) };
}
