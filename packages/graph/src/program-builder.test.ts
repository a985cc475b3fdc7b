import { describe, expect, test } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { interpretStep } from './interpret-step.ts';
import { ProgramBuilder } from './program-builder.ts';
import type { ProgramOptions } from './program-builder.ts';
import { ProgramMemory } from './program-memory.ts';
import { printProgram } from './program.ts';
import type { Program } from './program.ts';
import { oneForwardOneBackward } from './schedule.ts';
import { isGraphError } from './tensor.ts';

/** loss = Σ w2 · σ(w1 · x): a layer as a block of its own, and the loss. Two elements. */
function programOf(changes: Partial<ProgramOptions> = {}, units = 1): Program {
  const schedule = oneForwardOneBackward(0, 1, units);
  const program = new ProgramBuilder({ keep: 'activations', accumulate: units > 1, schedule, ...changes });
  for (const name of ['w1', 'w2']) program.parameter(name, [2]);
  program.input('x', [2]);
  const layer = new GraphBuilder();
  program.block('layer', layer.build({ h: layer.sigmoid(layer.mul(layer.input('x', [2]), layer.input('w1', [2]))) }));
  const head = new GraphBuilder();
  const product = head.mul(head.input('h', [2]), head.input('w2', [2]));
  program.lossBlock('head', head.build({ loss: head.sum(product, [0]) }));
  return program.build();
}

async function stepped(program: Program): Promise<{ losses: readonly number[]; d1: Float32Array; d2: Float32Array }> {
  const memory = new ProgramMemory(program);
  memory.fill(
    new Map([
      ['w1', Float32Array.of(0, 0)],
      ['w2', Float32Array.of(2, 6)],
    ]),
  );
  const prepare = (unit: number) =>
    new Map([
      ['x', Float32Array.of(1 + unit, 10)],
      ['d.loss', Float32Array.of(1)],
    ]);
  const losses = await interpretStep(memory, prepare);
  return { losses, d1: memory.floats('d.w1'), d2: memory.floats('d.w2') };
}

describe('a program of blocks', () => {
  test.each(['activations', 'inputs'] as const)(
    'that keeps %s has the loss and gradients worked by hand',
    async (keep) => {
      // σ(0) = ½, σ'(0) = ¼: loss = ½·2 + ½·6, d.w2 = ½, d.w1 = w2 · ¼ · x.
      expect(await stepped(programOf({ keep }))).toEqual({
        losses: [4],
        d1: Float32Array.of(0.5, 15),
        d2: Float32Array.of(0.5, 0.5),
      });
    },
  );

  test('sums gradients over the units of a step, and begins each step anew', async () => {
    const program = programOf({}, 3);
    const memory = new ProgramMemory(program);
    const sums = { losses: [4, 4, 4], d1: Float32Array.of(3, 45), d2: Float32Array.of(1.5, 1.5) };
    expect(await stepped(program)).toEqual(sums);
    memory.floats('d.w1').fill(7);
    memory.clearGradients();
    expect([...memory.floats('d.w1')]).toEqual([0, 0]);
  });

  test('that are the same share a segment', () => {
    const program = new ProgramBuilder({ keep: 'inputs', accumulate: false, schedule: [] });
    program.input('h0', [2]);
    for (const layer of [0, 1, 2]) {
      program.parameter(`w${layer}`, [2]);
      const g = new GraphBuilder();
      const product = g.mul(g.input(`h${layer}`, [2]), g.input(`w${layer}`, [2]));
      program.block(`layer ${layer}`, g.build({ [`h${layer + 1}`]: product }));
    }
    const { segments, forward, backward } = program.build();
    expect(forward.map((each) => (each.kind === 'run' ? each.segment : -1))).toEqual([0, 0, 0]);
    // The first layer has no gradient to hand back, so its backward pass is another.
    expect(segments.map(({ name }) => name)).toEqual(['layer 0', 'layer 0 backward', 'layer 1 backward']);
    expect(backward.map((each) => (each.kind === 'run' ? each.segment : -1))).toEqual([2, 2, 1]);
  });

  test('has one name for each buffer', () => {
    const program = new ProgramBuilder({ keep: 'inputs', accumulate: false, schedule: [] });
    program.table('x', [2]);
    expect(() => program.input('x', [2])).toThrow('two buffers are called x');
    expect(() => program.input('x', [2])).toThrow(expect.toSatisfy(isGraphError));
  });

  test('is printed for people', () => {
    expect(printProgram(programOf({}, 2))).toContain('order: F0 B0 F1 B1');
    expect(printProgram(programOf())).toContain('run layer (x, 1 parameters) -> h');
  });
});

describe('the memory of a program', () => {
  test('has what a unit keeps once for each unit under way, and everything else once', () => {
    const schedule = oneForwardOneBackward(0, 3, 5);
    const program = programOf({ schedule, accumulate: true });
    const memory = new ProgramMemory(program);
    expect(memory.at('x', 0)).not.toBe(memory.at('x', 1));
    expect(memory.at('x', 0)).toBe(memory.at('x', 3));
    expect(memory.at('w1', 0)).toBe(memory.at('w1', 1));
    expect(memory.bytesByRole()).toMatchObject({ parameter: 16, gradient: 16, input: 3 * (8 + 4) });
  });

  test('tells which buffer there is not, or holds integers', () => {
    const program = new ProgramBuilder({ keep: 'inputs', accumulate: false, schedule: [] });
    program.input('ids', [2], 'int32');
    const memory = new ProgramMemory(program.build());
    expect(() => memory.at('x')).toThrow('the program has no buffer x');
    expect(() => memory.floats('ids')).toThrow('buffer ids holds integers');
    memory.fill(new Map([['unknown', Float32Array.of(1)]]));
    expect([...memory.at('ids')]).toEqual([0, 0]);
  });
});
