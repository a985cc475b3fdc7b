import { isGraphError, withGradients } from '@cairn/graph';
import type { Graph, Tensor } from '@cairn/graph';
import { anyGraph } from '@cairn/graph/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { disagreements } from './disagreements.ts';
import type { Tensors } from './disagreements.ts';

/** Gradients of all outputs, for the float inputs that they depend on. */
function differentiated(graph: Graph): Graph {
  const floats = [...graph.inputs].filter(([, { scalar }]) => scalar === 'float32').map(([name]) => name);
  const wrt = floats.filter((name) => {
    try {
      return withGradients(graph, { wrt: [name] }).outputs.size > 0;
    } catch (error) {
      if (isGraphError(error)) return false;
      throw error;
    }
  });
  return withGradients(graph, { wrt });
}

/** Ones for the gradients of outputs, beside the given inputs. */
function withOutputGradients(graph: Graph, inputs: Tensors): Tensors {
  const ones = [...graph.inputs]
    .filter(([name]) => name.startsWith('d.'))
    .map(([name, { shape }]): [string, Tensor] => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: new Float32Array(length).fill(1) }];
    });
  return new Map([...inputs, ...ones]);
}

test.each([
  ['forward', (graph: Graph) => graph],
  ['with its gradients', differentiated],
])('any graph, %s: the device gives what the interpreter gives', async (_, form) => {
  await fc.assert(
    fc.asyncProperty(anyGraph(), async (drawn) => {
      const graph = form(drawn.graph);
      const inputs = withOutputGradients(graph, drawn.inputs);
      expect(await disagreements(graph, inputs)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
