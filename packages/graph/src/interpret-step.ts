import type { Instruction, Program } from './program.ts';
import { instructionsOf } from './program-memory.ts';
import type { ProgramMemory } from './program-memory.ts';
import { interpret } from './interpret.ts';
import type { Tensor } from './tensor.ts';
import { GraphError } from './tensor.ts';

/** Values of a unit's input buffers. */
export type PrepareUnit = (unit: number) => ReadonlyMap<string, Float32Array | Int32Array>;

/**
 * One training step of a rank that is alone, up to the gradients, in plain TypeScript: what a device must agree with.
 *
 * @returns the loss of each unit
 */
export function interpretStep(memory: ProgramMemory, prepare: PrepareUnit): number[] {
  const { program } = memory;
  const losses: number[] = [];
  memory.clearGradients();
  for (const slot of program.schedule) {
    if (slot.pass === 'forward') memory.fill(prepare(slot.unit), slot.unit);
    for (const instruction of instructionsOf(program, slot)) interpretRun(program, memory, instruction, slot.unit);
    if (slot.pass === 'forward') losses.push(memory.floats('loss', slot.unit)[0]!);
  }
  return losses;
}

/** Carries out one `run` instruction. */
export function interpretRun(program: Program, memory: ProgramMemory, instruction: Instruction, unit: number): void {
  if (instruction.kind !== 'run') throw new GraphError(`${instruction.kind} needs other ranks`);
  const segment = program.segments[instruction.segment];
  if (segment === undefined) throw new GraphError(`the program has no segment ${instruction.segment}`);
  const shapes = [...segment.graph.inputs.values()];
  const inputs = instruction.inputs.map((name, i): [string, Tensor] => [
    `i${i}`,
    { shape: shapes[i]?.shape ?? [], data: memory.at(name, unit) },
  ]);
  const outputs = interpret(segment.graph, new Map(inputs));
  instruction.outputs.forEach((name, i) => memory.at(name, unit).set(outputs.get(`o${i}`)?.data ?? []));
}
