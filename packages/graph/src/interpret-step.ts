import { interpret } from './interpret.ts';
import type { Peers } from './peers.ts';
import { performStep } from './perform-step.ts';
import type { PrepareUnit } from './perform-step.ts';
import type { ProgramMemory } from './program-memory.ts';
import type { Instruction } from './program.ts';
import { GraphError } from './tensor.ts';
import type { Tensor } from './tensor.ts';

/**
 * One training step of a rank, up to the gradients, in plain TypeScript: what a device must agree with.
 *
 * @param peers other ranks, which interpret their programs at the same time; null for a rank that is alone
 * @returns the loss of each unit
 */
export function interpretStep(
  memory: ProgramMemory,
  prepare: PrepareUnit,
  peers: Peers | null = null,
): Promise<readonly number[]> {
  return performStep(memory, prepare, { run: (instruction, unit) => interpretRun(memory, instruction, unit) }, peers);
}

/** Carries out one `run` instruction. */
function interpretRun(memory: ProgramMemory, instruction: Extract<Instruction, { kind: 'run' }>, unit: number): void {
  const segment = memory.program.segments[instruction.segment];
  if (segment === undefined) throw new GraphError(`the program has no segment ${instruction.segment}`);
  const shapes = [...segment.graph.inputs.values()];
  const inputs = instruction.inputs.map((name, i): [string, Tensor] => [
    `i${i}`,
    { shape: shapes[i]?.shape ?? [], data: memory.at(name, unit) },
  ]);
  const outputs = interpret(segment.graph, new Map(inputs));
  instruction.outputs.forEach((name, i) => memory.at(name, unit).set(outputs.get(`o${i}`)?.data ?? []));
}
