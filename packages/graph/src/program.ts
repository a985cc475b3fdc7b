import type { Graph } from './graph.ts';
import type { CollectiveAttributes } from './operators/collective.ts';
import type { Slot } from './schedule.ts';
import type { Scalar, Shape } from './tensor.ts';

/** A graph that runs on one device without interruption, its inputs named i0, i1, … and its outputs o0, o1, … */
export interface Segment {
  /** Of the first block that uses it, for people. */
  readonly name: string;
  readonly graph: Graph;
}

/**
 * What a buffer is for:
 *
 * - `parameter`: trained, filled by the host before the first step;
 * - `gradient`: of a parameter, summed over the units of a step; the host clears it before;
 * - `table`: constant, filled by the host once;
 * - `input`: filled by the host for each unit;
 * - `activation`: written in a unit's forward pass, read in its backward pass, so one for each unit under way;
 * - `temporary`: written and read within one pass.
 */
export type BufferRole = 'parameter' | 'gradient' | 'table' | 'input' | 'activation' | 'temporary';

/** One buffer of a program: its shape, its elements and what it is for. */
export interface BufferSpec {
  readonly shape: Shape;
  readonly scalar: Scalar;
  readonly role: BufferRole;
}

/** One thing a rank does; buffers by name. An output may be an input's buffer: it is then updated in place. */
export type Instruction =
  | {
      readonly kind: 'run';
      readonly segment: number;
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
    }
  | {
      readonly kind: 'collective';
      readonly attributes: CollectiveAttributes;
      readonly input: string;
      readonly output: string;
    }
  | { readonly kind: 'send'; readonly buffer: string; readonly toStage: number }
  | { readonly kind: 'receive'; readonly buffer: string; readonly fromStage: number };

/**
 * What one rank does for one training step, up to the gradients.
 *
 * A step is worked off in units of a few rows; each unit goes forward once and backward once, in the order of
 * `schedule`. Structurally equal segments appear once.
 */
export interface Program {
  readonly segments: readonly Segment[];
  readonly buffers: ReadonlyMap<string, BufferSpec>;
  readonly forward: readonly Instruction[];
  readonly backward: readonly Instruction[];
  readonly schedule: readonly Slot[];
  /** Units whose activations are held at the same time, at most. */
  readonly unitsUnderWay: number;
}

/** A program as text for people: buffers by role, segments with their uses, and the order of the units. */
export function printProgram(program: Program): string {
  const uses = program.segments.map(() => 0);
  const line = (instruction: Instruction): string => {
    switch (instruction.kind) {
      case 'run':
        uses[instruction.segment]! += 1;
        return `run ${program.segments[instruction.segment]?.name} (${briefly(program, instruction.inputs)}) -> ${briefly(program, instruction.outputs)}`;
      case 'collective':
        return `${instruction.attributes.kind} over ${instruction.attributes.size} of ${instruction.attributes.group} (${instruction.input}) -> ${instruction.output}`;
      case 'send':
        return `send ${instruction.buffer} to stage ${instruction.toStage}`;
      case 'receive':
        return `receive ${instruction.buffer} from stage ${instruction.fromStage}`;
    }
  };
  const forward = program.forward.map(line);
  const backward = program.backward.map(line);
  const segments = program.segments.map(
    ({ name, graph }, i) => `${name}: ${graph.nodes.length} operators, run ${uses[i]} times a unit`,
  );
  const order = program.schedule.map(({ pass, unit }) => `${pass === 'forward' ? 'F' : 'B'}${unit}`);
  return [
    'segments:',
    ...segments.map((text) => `  ${text}`),
    'forward:',
    ...forward.map((text) => `  ${text}`),
    'backward:',
    ...backward.map((text) => `  ${text}`),
    `order: ${order.join(' ')}`,
  ].join('\n');
}

/** Buffers by name; parameters, gradients and what a block saved for itself only by number. */
function briefly(program: Program, names: readonly string[]): string {
  const kindOf = (name: string): string | null => {
    const role = program.buffers.get(name)?.role;
    if (role === 'parameter' || role === 'gradient') return `${role}s`;
    return name.includes('.saved.') ? 'saved' : null;
  };
  const counts = new Map<string, number>();
  for (const kind of names.map(kindOf)) if (kind !== null) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...names.filter((name) => kindOf(name) === null), ...[...counts].map(([kind, n]) => `${n} ${kind}`)].join(
    ', ',
  );
}
