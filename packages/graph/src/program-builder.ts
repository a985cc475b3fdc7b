import { cutAtCollectives } from './cut.ts';
import { differentiate } from './differentiate.ts';
import type { DifferentiateOptions } from './differentiate.ts';
import type { Graph } from './graph.ts';
import { printGraph } from './graph.ts';
import type { BufferRole, BufferSpec, Instruction, Program, Segment } from './program.ts';
import type { Slot } from './schedule.ts';
import { unitsUnderWay } from './schedule.ts';
import type { Scalar, Shape } from './tensor.ts';
import { GraphError } from './tensor.ts';

/** A part of the model: a graph whose inputs and outputs are buffers. */
export interface Block {
  /** Unique in the program, e.g. `layer.3`; prefix of the buffers only this block uses. */
  readonly name: string;
  readonly graph: Graph;
  /** Buffer of each input of the graph. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Buffer of each output of the graph. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Puts blocks together to a rank's program: differentiates each, cuts it at its collectives, and finds the segments
 * that are the same.
 *
 * Gradients flow through parameters and through the values that blocks pass on from a parameter's block; what only
 * comes from inputs and tables (masks) has none. A value passed on is used by one later block.
 */
export class ProgramBuilder {
  readonly #keep: DifferentiateOptions['keep'];
  readonly #buffers = new Map<string, BufferSpec>();
  readonly #segments: Segment[] = [];
  readonly #segmentOf = new Map<string, number>();
  readonly #forward: Instruction[] = [];
  readonly #backward: Instruction[] = [];
  /** Buffers whose gradient is wanted. */
  readonly #differentiable = new Set<string>();

  /** @param keep whether backward passes find activations or compute them again */
  constructor(keep: DifferentiateOptions['keep']) {
    this.#keep = keep;
  }

  parameter(name: string, shape: Shape): void {
    this.#buffer(name, shape, 'parameter');
    this.#buffer(`d.${name}`, shape, 'gradient');
    this.#differentiable.add(name);
  }

  table(name: string, shape: Shape): void {
    this.#buffer(name, shape, 'table');
  }

  input(name: string, shape: Shape, scalar: Scalar = 'float32'): void {
    this.#buffer(name, shape, 'input', scalar);
  }

  /** A value that arrives from another stage; its gradient goes back there. */
  receive(name: string, shape: Shape, fromStage: number): void {
    this.#buffer(name, shape, 'activation');
    this.#buffer(`d.${name}`, shape, 'temporary');
    this.#differentiable.add(name);
    this.#forward.push({ kind: 'receive', buffer: name, fromStage });
    this.#backward.unshift({ kind: 'send', buffer: `d.${name}`, toStage: fromStage });
  }

  /** Sends a value to another stage; its gradient comes back from there. */
  send(name: string, toStage: number): void {
    this.#forward.push({ kind: 'send', buffer: name, toStage });
    this.#backward.unshift({ kind: 'receive', buffer: `d.${name}`, fromStage: toStage });
  }

  /** Makes the gradient of a block's output something the host gives for each unit: where the loss begins. */
  seed(name: string): void {
    const spec = this.#specOf(name);
    this.#buffers.set(`d.${name}`, { ...spec, role: 'input' });
  }

  block({ name, graph, inputs, outputs }: Block): void {
    const bufferOf = (inner: string): string => inputs[inner] ?? outputs[inner] ?? `${name}.${inner}`;
    const wrt = [...graph.inputs.keys()].filter((input) => this.#differentiable.has(bufferOf(input)));
    for (const [inner, value] of graph.outputs) {
      this.#buffer(bufferOf(inner), value.shape, 'activation');
      if (wrt.length === 0) continue;
      this.#differentiable.add(bufferOf(inner));
      this.#buffer(`d.${bufferOf(inner)}`, value.shape, 'temporary');
    }
    if (wrt.length === 0) {
      this.#forward.push(...this.#instructions(name, graph, bufferOf));
      return;
    }
    const accumulate = wrt.filter((input) => this.#specOf(bufferOf(input)).role === 'parameter');
    const { forward, backward } = differentiate(graph, { wrt, accumulate, keep: this.#keep });
    for (const [inner, value] of forward.outputs) {
      if (!graph.outputs.has(inner)) this.#buffer(bufferOf(inner), value.shape, 'activation');
    }
    this.#forward.push(...this.#instructions(name, forward, bufferOf));
    const gradientOf = (inner: string): string => {
      if (inner.startsWith('cut.')) return `${name}.backward.${inner}`;
      const [, of] = /^(?:d|sum)\.(.*)$/.exec(inner) ?? [];
      return of === undefined ? bufferOf(inner) : `d.${bufferOf(of)}`;
    };
    this.#backward.unshift(...this.#instructions(`${name} backward`, backward, gradientOf));
  }

  build(schedule: readonly Slot[]): Program {
    return {
      segments: this.#segments,
      buffers: this.#buffers,
      forward: this.#forward,
      backward: this.#backward,
      schedule,
      unitsUnderWay: unitsUnderWay(schedule),
    };
  }

  #buffer(name: string, shape: Shape, role: BufferRole, scalar: Scalar = 'float32'): void {
    if (this.#buffers.has(name)) throw new GraphError(`two buffers are called ${name}`);
    this.#buffers.set(name, { shape, scalar, role });
  }

  #specOf(name: string): BufferSpec {
    const spec = this.#buffers.get(name);
    if (spec === undefined) throw new GraphError(`there is no buffer ${name}`);
    return spec;
  }

  #instructions(name: string, graph: Graph, bufferOf: (inner: string) => string): Instruction[] {
    return cutAtCollectives(graph).map((part): Instruction => {
      if (part.kind === 'collective') {
        const [input, output] = [bufferOf(part.input), bufferOf(part.output)];
        return { kind: 'collective', attributes: part.attributes, input, output };
      }
      for (const [inner, value] of part.graph.outputs) {
        const buffer = bufferOf(inner);
        if (!this.#buffers.has(buffer)) this.#buffer(buffer, value.shape, 'temporary');
      }
      return {
        kind: 'run',
        segment: this.#segment(name, part.graph),
        inputs: [...part.graph.inputs.keys()].map(bufferOf),
        outputs: [...part.graph.outputs.keys()].map(bufferOf),
      };
    });
  }

  /** Number of the segment that computes this graph; a new one unless an equal one is there. */
  #segment(name: string, graph: Graph): number {
    const canonical: Graph = {
      inputs: new Map([...graph.inputs.values()].map((value, i) => [`i${i}`, value])),
      nodes: graph.nodes,
      outputs: new Map([...graph.outputs.values()].map((value, i) => [`o${i}`, value])),
    };
    const key = printGraph(canonical);
    const known = this.#segmentOf.get(key);
    if (known !== undefined) return known;
    this.#segments.push({ name, graph: canonical });
    this.#segmentOf.set(key, this.#segments.length - 1);
    return this.#segments.length - 1;
  }
}
