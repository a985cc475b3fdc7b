import { exchange } from './exchange.ts';
import type { Peers } from './peers.ts';
import { instructionsOf } from './program-memory.ts';
import type { ProgramMemory } from './program-memory.ts';
import type { Instruction } from './program.ts';
import { GraphError } from './tensor.ts';

/** Values of a unit's input buffers. */
export type PrepareUnit = (unit: number) => ReadonlyMap<string, Float32Array | Int32Array>;

/** What computes the segments of a program. */
export interface Engine {
  run(instruction: Extract<Instruction, { kind: 'run' }>, unit: number): void | Promise<void>;
}

/**
 * One training step of a rank up to the gradients, which are in the gradient buffers afterwards.
 *
 * @param prepare values of each unit's input buffers, called right before its forward pass
 * @param peers   null for a rank that is alone
 * @returns the loss of each unit; empty on a stage that has none
 */
export async function performStep(
  memory: ProgramMemory,
  prepare: PrepareUnit,
  engine: Engine,
  peers: Peers | null,
): Promise<readonly number[]> {
  const { program } = memory;
  const losses: number[] = [];
  memory.clearGradients();
  for (const slot of program.schedule) {
    if (slot.pass === 'forward') memory.fill(prepare(slot.unit), slot.unit);
    for (const instruction of instructionsOf(program, slot)) {
      if (instruction.kind === 'run') await engine.run(instruction, slot.unit);
      else await meet(memory, instruction, slot.unit, peers);
    }
    if (slot.pass === 'forward' && program.buffers.has('loss')) losses.push(memory.floats('loss', slot.unit)[0] ?? NaN);
  }
  return losses;
}

/** Carries out an instruction that other ranks take part in. */
function meet(
  memory: ProgramMemory,
  instruction: Exclude<Instruction, { kind: 'run' }>,
  unit: number,
  peers: Peers | null,
): Promise<void> {
  if (peers === null) throw new GraphError(`${instruction.kind}: this rank is alone`);
  switch (instruction.kind) {
    case 'send':
      return peers.send(memory.floats(instruction.buffer, unit), instruction.toStage);
    case 'receive':
      return peers.receive(memory.floats(instruction.buffer, unit), instruction.fromStage);
    case 'collective': {
      const { attributes, input, output } = instruction;
      const shape = memory.program.buffers.get(input)?.shape ?? [];
      return exchange(peers, attributes, memory.floats(input, unit), shape, memory.floats(output, unit));
    }
  }
}
