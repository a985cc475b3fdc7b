import { interpret } from '@cairn/graph';
import type { BufferSpec, Graph, Program, Tensor } from '@cairn/graph';
import { Device } from '../src/index.ts';

/** Tensors by name. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** A program that does nothing but to run a graph once; its buffers are named as the graph's inputs and outputs. */
function programOf(graph: Graph): Program {
  const [inputs, outputs] = [[...graph.inputs], [...graph.outputs]];
  const buffers = [
    ...inputs.map(([name, value]): [string, BufferSpec] => [name, { ...value, role: 'table' }]),
    ...outputs.map(([name, value]): [string, BufferSpec] => [name, { ...value, role: 'temporary' }]),
  ];
  const canonical: Graph = {
    inputs: new Map(inputs.map(([, value], i) => [`i${i}`, value])),
    nodes: graph.nodes,
    outputs: new Map(outputs.map(([, value], i) => [`o${i}`, value])),
  };
  const names = { inputs: inputs.map(([name]) => name), outputs: outputs.map(([name]) => name) };
  return {
    segments: [{ name: 'graph', graph: canonical }],
    buffers: new Map(buffers),
    forward: [{ kind: 'run', segment: 0, ...names }],
    backward: [],
    schedule: [{ pass: 'forward', unit: 0 }],
    unitsUnderWay: 1,
  };
}

async function onDevice(graph: Graph, inputs: Tensors): Promise<ReadonlyMap<string, Float32Array>> {
  const device = await Device.compile(programOf(graph));
  device.memory.fill(new Map([...inputs].map(([name, { data }]) => [name, data])));
  await device.step(() => new Map());
  await device.release();
  return new Map([...graph.outputs.keys()].map((name) => [name, device.memory.floats(name)]));
}

/** The largest magnitude that appears anywhere on the way: what the last digits are of. */
function magnitude(graph: Graph, inputs: Tensors): number {
  const all = { ...graph, outputs: new Map(graph.nodes.map(({ output }, i) => [`v${i}`, output])) };
  return [...interpret(all, inputs).values()].reduce(
    (most, { data }) => Math.max(most, ...Array.from(data, (x) => Math.abs(x))),
    1,
  );
}

/** Outputs of a graph in which the device is further from the interpreter than float32 explains. */
export async function disagreements(graph: Graph, inputs: Tensors): Promise<readonly string[]> {
  const expected = interpret(graph, inputs);
  const tolerance = 1e-5 * magnitude(graph, inputs);
  const differs = (name: string, values: Float32Array): boolean =>
    values.some((x, i) => !(Math.abs(x - (expected.get(name)?.data[i] ?? NaN)) <= tolerance));
  const found = await onDevice(graph, inputs);
  return [...found].filter(([name, values]) => differs(name, values)).map(([name]) => name);
}
