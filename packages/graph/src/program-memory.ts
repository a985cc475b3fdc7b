import { elementCount } from '@cairn/bytes';
import type { BufferRole, Instruction, Program } from './program.ts';
import type { Slot } from './schedule.ts';
import { GraphError } from './tensor.ts';

type Elements = Float32Array | Int32Array;

/** The buffers of a program in memory; those a unit keeps exist once for each unit under way. */
export class ProgramMemory {
  readonly program: Program;
  readonly #copies = new Map<string, readonly Elements[]>();

  constructor(program: Program) {
    this.program = program;
    for (const [name, { shape, scalar, role }] of program.buffers) {
      const make = (): Elements =>
        scalar === 'int32' ? new Int32Array(elementCount(shape)) : new Float32Array(elementCount(shape));
      this.#copies.set(name, Array.from({ length: copiesOf(role, program) }, make));
    }
  }

  /** A buffer as unit `unit` sees it. */
  at(name: string, unit = 0): Elements {
    const copies = this.#copies.get(name);
    const elements = copies?.[unit % copies.length];
    if (elements === undefined) throw new GraphError(`the program has no buffer ${name}`);
    return elements;
  }

  /** A float32 buffer. */
  floats(name: string, unit = 0): Float32Array {
    const elements = this.at(name, unit);
    if (elements instanceof Float32Array) return elements;
    throw new GraphError(`buffer ${name} holds integers`);
  }

  /** Copies the given values into the input buffers of a unit; values the program has no buffer for are ignored. */
  fill(inputs: ReadonlyMap<string, Elements>, unit = 0): void {
    for (const [name, elements] of inputs) {
      if (this.program.buffers.has(name)) this.at(name, unit).set(elements);
    }
  }

  /** Clears the gradient sums before a step. */
  clearGradients(): void {
    for (const [name, { role }] of this.program.buffers) if (role === 'gradient') this.at(name).fill(0);
  }

  /** Bytes held, by role. */
  bytesByRole(): Readonly<Record<BufferRole, number>> {
    const bytes = { parameter: 0, gradient: 0, table: 0, input: 0, activation: 0, temporary: 0 };
    for (const [name, { role }] of this.program.buffers) {
      for (const copy of this.#copies.get(name) ?? []) bytes[role] += copy.byteLength;
    }
    return bytes;
  }
}

function copiesOf(role: BufferRole, { unitsUnderWay }: Program): number {
  return role === 'activation' || role === 'input' ? Math.max(1, unitsUnderWay) : 1;
}

/** The instructions of a slot. */
export function instructionsOf(program: Program, { pass }: Slot): readonly Instruction[] {
  return pass === 'forward' ? program.forward : program.backward;
}
