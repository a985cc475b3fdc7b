import { performStep, ProgramMemory, toOnnx } from '@cairn/graph';
import type { Instruction, Peers, PrepareUnit, Program } from '@cairn/graph';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** One thread a rank: results must not depend on what runs beside it, and ranks share the machine's cores. */
const SESSION: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

type Tensors = Record<string, Tensor>;
type RunInstruction = Extract<Instruction, { kind: 'run' }>;

/** A simulated NPU: holds the buffers of a program and computes its steps with onnxruntime. */
export class Device {
  readonly memory: ProgramMemory;
  readonly #sessions: readonly InferenceSession[];
  /** Tensors over the buffers, made once for each instruction and each set of unit buffers. */
  readonly #bindings = new Map<Instruction, { feeds: Tensors; fetches: Tensors }[]>();

  private constructor(memory: ProgramMemory, sessions: readonly InferenceSession[]) {
    this.memory = memory;
    this.#sessions = sessions;
  }

  /** Compiles a program: one session for each of its segments. */
  static async compile(program: Program): Promise<Device> {
    const sessions: InferenceSession[] = [];
    for (const segment of program.segments) {
      sessions.push(await InferenceSession.create(toOnnx(segment.graph), SESSION));
    }
    return new Device(new ProgramMemory(program), sessions);
  }

  /**
   * One training step up to the gradients, which are in the gradient buffers afterwards.
   *
   * @param prepare values of each unit's input buffers, called right before its forward pass
   * @param peers   the other ranks; null for a rank that is alone
   * @returns the loss of each unit; empty on a stage that has none
   */
  step(prepare: PrepareUnit, peers: Peers | null = null): Promise<readonly number[]> {
    return performStep(this.memory, prepare, { run: (instruction, unit) => this.#run(instruction, unit) }, peers);
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    for (const session of this.#sessions) await session.release();
  }

  async #run(instruction: RunInstruction, unit: number): Promise<void> {
    const { feeds, fetches } = this.#binding(instruction, unit);
    await this.#sessions[instruction.segment]?.run(feeds, fetches);
  }

  #binding(instruction: RunInstruction, unit: number): { feeds: Tensors; fetches: Tensors } {
    const sets = Math.max(1, this.memory.program.unitsUnderWay);
    const bindings = this.#bindings.get(instruction) ?? [];
    this.#bindings.set(instruction, bindings);
    return (bindings[unit % sets] ??= {
      feeds: this.#tensors('i', instruction.inputs, unit),
      fetches: this.#tensors('o', instruction.outputs, unit),
    });
  }

  #tensors(prefix: string, names: readonly string[], unit: number): Tensors {
    return Object.fromEntries(
      names.map((name, i) => {
        const elements = this.memory.at(name, unit);
        const shape = this.memory.program.buffers.get(name)?.shape ?? [];
        const tensor =
          elements instanceof Float32Array
            ? new Tensor('float32', elements, shape)
            : new Tensor('int32', elements, shape);
        return [`${prefix}${i}`, tensor];
      }),
    );
  }
}
