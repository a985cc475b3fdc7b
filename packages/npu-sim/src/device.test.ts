import { interpret, interpretStep, GraphBuilder, ProgramMemory } from '@cairn/graph';
import type { PrepareUnit, Program } from '@cairn/graph';
import { aloneWith, FLOAT32, llamaProgram } from '@cairn/model';
import type { LlamaSpec, RankPlace } from '@cairn/model';
import { describe, expect, test } from 'vitest';
import { distance, fillModel, smallLlama, tokenIds, unitsOver } from '../test/small-llama.ts';
import { Device } from './device.ts';

/** Fills a memory; gives the inputs of its units. */
function filled(spec: LlamaSpec, place: RankPlace, memory: ProgramMemory): PrepareUnit {
  fillModel(spec, place, memory);
  return unitsOver(spec, place, tokenIds(spec, place.rows * place.units));
}

const variants: readonly [string, Partial<LlamaSpec>][] = [
  ['plain', {}],
  ['grouped heads and biases', { kvHeads: 2, qkvBias: true, outputBias: true }],
  ['a tied head', { tiedEmbedding: true }],
  [
    'a stretched rotation',
    {
      rotaryScaling: { kind: 'LLAMA3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8 },
    },
  ],
  ['one layer, one head', { layers: 1, heads: 1, kvHeads: 1 }],
];

describe.each([
  { recompute: false, rows: 2, units: 1 },
  { recompute: false, rows: 1, units: 3 },
  { recompute: true, rows: 1, units: 1 },
  { recompute: true, rows: 2, units: 2 },
])('recompute $recompute, $units units of $rows rows', ({ recompute, rows, units }) => {
  test.each(variants)(
    '%s: the device agrees with the interpreter in every loss and gradient',
    async (_name, changes) => {
      const spec = smallLlama(changes);
      const place = aloneWith(spec, rows, units, recompute);
      const program = llamaProgram(spec, place);
      const oracle = new ProgramMemory(program);
      const expected = await interpretStep(oracle, filled(spec, place, oracle));
      const device = await Device.compile(program);
      const prepare = filled(spec, place, device.memory);
      const losses = await device.step(prepare);
      expect(distance(Float32Array.from(expected), Float32Array.from(losses))).toBeLessThan(1e-5);
      for (const [name, { role }] of program.buffers) {
        if (role === 'gradient')
          expect(distance(oracle.floats(name), device.memory.floats(name)), name).toBeLessThan(2e-5);
      }
      const again = [...(await device.step(prepare))];
      expect(again).toEqual([...losses]);
      await device.release();
    },
  );
});

test('recomputed and kept activations give the same gradients', async () => {
  const spec = smallLlama({ qkvBias: true });
  const gradients = async (recompute: boolean): Promise<Float32Array> => {
    const place = aloneWith(spec, 2, 2, recompute);
    const device = await Device.compile(llamaProgram(spec, place));
    await device.step(filled(spec, place, device.memory));
    await device.release();
    return device.memory.floats('d.model.layers.0.attention.wq.weight');
  };
  expect(distance(await gradients(false), await gradients(true))).toBeLessThan(1e-6);
});

test('half types round where they are named, on the device as in the interpreter', async () => {
  const spec = smallLlama({
    precision: {
      ...FLOAT32,
      compute: 'BFloat16',
      softmax: 'Float16',
      rotary: 'Float16',
      parameters: 'Float16',
      fusedNorm: false,
    },
  });
  const place = aloneWith(spec, 2, 1, false);
  const program = llamaProgram(spec, place);
  const oracle = new ProgramMemory(program);
  const [expected] = await interpretStep(oracle, filled(spec, place, oracle));
  const device = await Device.compile(program);
  const [loss] = await device.step(filled(spec, place, device.memory));
  const whole = smallLlama({});
  const memory = new ProgramMemory(llamaProgram(whole, place));
  const [unrounded] = await interpretStep(memory, filled(whole, place, memory));
  await device.release();
  expect(Math.abs(loss! - expected!)).toBeLessThan(5e-3);
  expect(Math.abs(unrounded! - expected!)).toBeGreaterThan(1e-4);
});

test('bfloat16 and float16 rounding of the device is that of the interpreter, bit for bit', async () => {
  for (const to of ['BFloat16', 'Float16'] as const) {
    const g = new GraphBuilder();
    const graph = g.build({ o0: g.round(g.input('i0', [4096]), to) });
    const data = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i) * 2 ** ((i % 40) - 26));
    const program: Program = {
      segments: [{ name: 'round', graph }],
      buffers: new Map([
        ['x', { shape: [4096], scalar: 'float32', role: 'table' }],
        ['y', { shape: [4096], scalar: 'float32', role: 'temporary' }],
      ]),
      forward: [{ kind: 'run', segment: 0, inputs: ['x'], outputs: ['y'] }],
      backward: [],
      schedule: [{ pass: 'forward', unit: 0 }],
      unitsUnderWay: 1,
    };
    const device = await Device.compile(program);
    device.memory.fill(new Map([['x', data]]));
    await device.step(() => new Map());
    const expected = interpret(graph, new Map([['i0', { shape: [4096], data }]])).get('o0');
    expect(device.memory.floats('y')).toEqual(expected?.data);
    await device.release();
  }
});
