import { cutAtCollectives } from './cut.ts';
import { forwardAndBackward, withGradients } from './differentiate.ts';
import type { GradientsWanted } from './differentiate.ts';
import type { Graph } from './graph.ts';
import { printGraph } from './graph.ts';
import type { BufferRole, BufferSpec, Instruction, Program, Segment } from './program.ts';
import type { Slot } from './schedule.ts';
import { unitsUnderWay } from './schedule.ts';
import type { Scalar, Shape } from './tensor.ts';
import { GraphError } from './tensor.ts';

/** How the blocks of a program are run. */
export interface ProgramOptions {
  /** Whether backward passes of blocks find the activations or compute them again. */
  readonly keep: 'activations' | 'inputs';
  /** Whether gradients are added up: when a step has several units, or several blocks use one parameter. */
  readonly accumulate: boolean;
  readonly schedule: readonly Slot[];
}

/**
 * Puts blocks together to a rank's program. A block is a graph whose input and output names are buffers. Each is
 * differentiated and cut at its collectives; segments that are the same are kept once.
 *
 * Gradients flow to parameters and through the values that blocks pass on; what comes only from inputs and tables
 * (masks) has none. A value passed on is used by one later block.
 */
export class ProgramBuilder {
  readonly #options: ProgramOptions;
  readonly #buffers = new Map<string, BufferSpec>();
  readonly #segments: Segment[] = [];
  readonly #segmentOf = new Map<string, number>();
  readonly #forward: Instruction[] = [];
  readonly #backward: Instruction[] = [];
  /** Buffers that a gradient belongs to. */
  readonly #differentiable = new Set<string>();

  constructor(options: ProgramOptions) {
    this.#options = options;
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
    this.#passOn(name, shape);
    this.#forward.push({ kind: 'receive', buffer: name, fromStage });
    this.#backward.unshift({ kind: 'send', buffer: `d.${name}`, toStage: fromStage });
  }

  /** Sends a value to another stage; its gradient comes back from there. */
  send(name: string, toStage: number): void {
    this.#forward.push({ kind: 'send', buffer: name, toStage });
    this.#backward.unshift({ kind: 'receive', buffer: `d.${name}`, fromStage: toStage });
  }

  /** A block whose backward pass comes later: when all blocks behind it are through theirs. */
  block(name: string, graph: Graph): void {
    const wanted = this.#wanted(graph);
    if (wanted.wrt.length === 0) {
      for (const [output, value] of graph.outputs) this.#buffer(output, value.shape, 'activation');
      this.#forward.push(...this.#instructions(name, graph));
      return;
    }
    for (const [output, value] of graph.outputs) this.#passOn(output, value.shape);
    const { forward, backward } = forwardAndBackward(graph, wanted, this.#options.keep);
    for (const [inner, value] of forward.outputs) {
      if (inner.startsWith('saved.')) this.#buffer(`${name}.${inner}`, value.shape, 'activation');
    }
    this.#forward.push(...this.#instructions(name, forward));
    this.#backward.unshift(...this.#instructions(name, backward, 'backward'));
  }

  /** The last block, whose output is the loss: goes forward and backward at once. Its gradient `d.<loss>` is an input. */
  lossBlock(name: string, graph: Graph): void {
    for (const [output, value] of graph.outputs) {
      this.#buffer(output, value.shape, 'activation');
      this.#buffer(`d.${output}`, value.shape, 'input');
    }
    this.#forward.push(...this.#instructions(name, withGradients(graph, this.#wanted(graph))));
  }

  build(): Program {
    const { schedule } = this.#options;
    return {
      segments: this.#segments,
      buffers: this.#buffers,
      forward: this.#forward,
      backward: this.#backward,
      schedule,
      unitsUnderWay: unitsUnderWay(schedule),
    };
  }

  #wanted(graph: Graph): GradientsWanted {
    const wrt = [...graph.inputs.keys()].filter((input) => this.#differentiable.has(input));
    const isParameter = (input: string): boolean => this.#buffers.get(input)?.role === 'parameter';
    return { wrt, accumulate: this.#options.accumulate ? wrt.filter(isParameter) : [] };
  }

  /** A value with a gradient of its own. */
  #passOn(name: string, shape: Shape): void {
    this.#buffer(name, shape, 'activation');
    this.#buffer(`d.${name}`, shape, 'temporary');
    this.#differentiable.add(name);
  }

  #buffer(name: string, shape: Shape, role: BufferRole, scalar: Scalar = 'float32'): void {
    if (this.#buffers.has(name)) throw new GraphError(`two buffers are called ${name}`);
    this.#buffers.set(name, { shape, scalar, role });
  }

  /** The instructions of a graph; values between its parts get buffers of their own. */
  #instructions(block: string, graph: Graph, pass: 'forward' | 'backward' = 'forward'): Instruction[] {
    const bufferOf = (inner: string): string => {
      if (inner.startsWith('saved.')) return `${block}.${inner}`;
      if (inner.startsWith('cut.')) return `${block}.${pass}.${inner}`;
      return inner.startsWith('sum.') ? `d.${inner.slice('sum.'.length)}` : inner;
    };
    return cutAtCollectives(graph).map((part): Instruction => {
      if (part.kind === 'collective') {
        if (!this.#buffers.has(bufferOf(part.output))) this.#buffer(bufferOf(part.output), part.shape, 'temporary');
        const [input, output] = [bufferOf(part.input), bufferOf(part.output)];
        return { kind: 'collective', attributes: part.attributes, input, output };
      }
      for (const [inner, value] of part.graph.outputs) {
        if (!this.#buffers.has(bufferOf(inner))) this.#buffer(bufferOf(inner), value.shape, 'temporary');
      }
      return {
        kind: 'run',
        segment: this.#segment(pass === 'forward' ? block : `${block} backward`, part.graph),
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
