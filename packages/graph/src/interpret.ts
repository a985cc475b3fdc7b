import type { Graph, Value } from './graph.ts';
import { operatorOf } from './operators/table.ts';
import type { Tensor } from './tensor.ts';
import { GraphError, sameShape } from './tensor.ts';

/**
 * Runs a graph in plain TypeScript: the oracle that devices are checked against.
 *
 * @param inputs one tensor for each input of the graph
 * @returns the outputs by name
 * @throws GraphError when an input is missing or has another shape
 */
export function interpret(graph: Graph, inputs: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const tensors = new Map<Value, Tensor>();
  for (const [name, value] of graph.inputs) {
    const tensor = inputs.get(name);
    if (tensor === undefined || !sameShape(tensor.shape, value.shape)) {
      throw new GraphError(`input ${name} should be [${value.shape}], is ${tensor ? `[${tensor.shape}]` : 'missing'}`);
    }
    tensors.set(value, tensor);
  }
  const tensorOf = (value: Value): Tensor => tensors.get(value) ?? { shape: [], data: new Float32Array(0) };
  for (const node of graph.nodes) {
    const { shape } = node.output;
    const data = operatorOf(node.op).compute(node.inputs.map(tensorOf), node.attributes, shape);
    tensors.set(node.output, { shape, data });
  }
  return new Map([...graph.outputs].map(([name, value]) => [name, tensorOf(value)]));
}
