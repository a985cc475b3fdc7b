import type { Graph, GraphNode, Value } from '../graph.ts';
import { operatorOf } from '../operators/table.ts';
import { sameShape } from '../tensor.ts';
import { OnnxNodes } from './onnx-nodes.ts';
import type { OnnxNode } from './onnx-nodes.ts';
import { writeModel } from './write-model.ts';

/**
 * A graph as the bytes of an ONNX model (opset 18 and com.microsoft 1) with the graph's input and output names.
 *
 * A sum with something ONNX can add onto a tensor (a matrix product, scattered rows) becomes one node, so that a
 * gradient that accumulates is written in place.
 */
export function toOnnx(graph: Graph): Uint8Array<ArrayBuffer> {
  const out = new OnnxNodes(new Set([...graph.inputs.keys(), ...graph.outputs.keys()]));
  const names = new Map<Value, string>();
  for (const [name, value] of graph.inputs) names.set(value, name);
  const folded = foldedIntoSums(graph);
  const nameOf = (value: Value): string => names.get(value) ?? '';

  for (const node of graph.nodes) {
    if (folded.absorbed.has(node)) continue;
    const term = folded.terms.get(node);
    const base = node.inputs.find((input) => input !== term?.output);
    const fused =
      term && base ? operatorOf(term.op).onnxOnto?.(out, nameOf(base), term.inputs.map(nameOf), term) : null;
    names.set(node.output, fused ?? operatorOf(node.op).onnx(out, node.inputs.map(nameOf), node));
  }
  return writeModel(graph, { nodes: withOutputNames(graph, out.nodes, nameOf), constants: out.constants });
}

/**
 * Lets the nodes whose results leave the graph write them under the output's name. A value that leaves twice, or
 * that is an input, is copied.
 */
function withOutputNames(graph: Graph, nodes: readonly OnnxNode[], nameOf: (value: Value) => string): OnnxNode[] {
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const [output, value] of graph.outputs) {
    const name = nameOf(value);
    if (renamed.has(name) || graph.inputs.has(name)) {
      const from = renamed.get(name) ?? name;
      copies.push({ op: 'Identity', inputs: [from], output, attributes: {}, domain: '' });
    } else {
      renamed.set(name, output);
    }
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  const own = nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), output: rename(node.output) }));
  return [...own, ...copies];
}

/** For each `add` the term that is emitted together with it, and those terms. */
function foldedIntoSums(graph: Graph): { terms: Map<GraphNode, GraphNode>; absorbed: Set<GraphNode> } {
  const uses = new Map<Value, number>();
  for (const value of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.values()]) {
    uses.set(value, (uses.get(value) ?? 0) + 1);
  }
  const producers = new Map(graph.nodes.map((node) => [node.output, node]));
  const terms = new Map<GraphNode, GraphNode>();
  const absorbed = new Set<GraphNode>();
  for (const node of graph.nodes.filter(({ op }) => op === 'add')) {
    const term = node.inputs
      .map((input) => producers.get(input))
      .findLast((candidate) => candidate && canFold(candidate, node) && uses.get(candidate.output) === 1);
    if (term === undefined) continue;
    terms.set(node, term);
    absorbed.add(term);
  }
  return { terms, absorbed };
}

function canFold(term: GraphNode, sum: GraphNode): boolean {
  const whole = sum.inputs.every((input) => sameShape(input.shape, sum.output.shape));
  const rank = term.op !== 'matmul' || term.output.shape.length === 2;
  return whole && rank && operatorOf(term.op).onnxOnto !== undefined;
}
