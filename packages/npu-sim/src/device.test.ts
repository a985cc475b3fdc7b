import { interpret, interpretStep, GraphBuilder, ProgramMemory } from '@cairn/graph';
import type { PrepareUnit, Program } from '@cairn/graph';
import {
  aloneWith,
  causalTable,
  initialValues,
  llamaProgram,
  lossMask,
  parametersOf,
  rotaryTables,
  unitInputs,
} from '@cairn/model';
import type { LlamaSpec, Precision } from '@cairn/model';
import { describe, expect, test } from 'vitest';
import { Device } from './device.ts';

const float32: Precision = {
  compute: 'Float32',
  residual: 'Float32',
  layernorm: 'Float32',
  softmax: 'Float32',
  rotary: 'Float32',
  parameters: 'Float32',
  embedding: 'Float32',
  fusedNorm: true,
};

function specOf(changes: Partial<LlamaSpec>): LlamaSpec {
  return {
    vocabulary: 50,
    hidden: 24,
    layers: 2,
    heads: 4,
    kvHeads: 4,
    ffn: 20,
    seqLength: 7,
    normEps: 1e-5,
    theta: 10_000,
    rotaryScaling: { kind: 'none' },
    qkvBias: false,
    outputBias: false,
    tiedEmbedding: false,
    padTokenId: 0,
    ignoreTokenId: -100,
    initStd: 0.3,
    precision: float32,
    ...changes,
  };
}

/** Fills parameters and tables; gives the inputs of units of `rows` rows, some of them padded. */
function filled(spec: LlamaSpec, program: Program, memory: ProgramMemory, rows: number): PrepareUnit {
  const { cos, sin } = rotaryTables(spec);
  memory.fill(
    new Map([
      ['cos', cos],
      ['sin', sin],
      ['causal', causalTable(spec.seqLength)],
    ]),
  );
  for (const parameter of parametersOf(spec)) {
    const values = initialValues(
      spec,
      parameter,
      parameter.shape.map((size) => [0, size] as const),
      7,
    );
    memory.fill(new Map([[parameter.name, values.map((x, i) => x + 0.01 * Math.sin(i))]]));
  }
  const wide = spec.seqLength + 1;
  const units = program.schedule.filter(({ pass }) => pass === 'forward').length;
  const inputIds = Int32Array.from({ length: units * rows * wide }, (_, i) => (i % 13 === 12 ? 0 : 1 + ((i * i) % 49)));
  const maskTotal = lossMask(spec, { inputIds }).reduce((a, b) => a + b, 0);
  return (unit) => {
    const own = inputIds.subarray(unit * rows * wide, (unit + 1) * rows * wide);
    const inputs = unitInputs(spec, { inputIds: own }, { maskTotal, share: 1, vocabulary: { rank: 0, size: 1 } });
    return new Map([...inputs, ['d.loss', Float32Array.of(64)]]);
  };
}

/** Largest difference relative to the largest element. */
function distance(a: Float32Array, b: Float32Array): number {
  const most = a.reduce((m, x) => Math.max(m, Math.abs(x)), 1e-12);
  return a.reduce((m, x, i) => Math.max(m, Math.abs(x - b[i]!)), 0) / most;
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
      const spec = specOf(changes);
      const program = llamaProgram(spec, aloneWith(spec, rows, units, recompute));
      const oracle = new ProgramMemory(program);
      const expected = interpretStep(oracle, filled(spec, program, oracle, rows));
      const device = await Device.compile(program);
      const prepare = filled(spec, program, device.memory, rows);
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
  const spec = specOf({ qkvBias: true });
  const gradients = async (recompute: boolean): Promise<Float32Array> => {
    const program = llamaProgram(spec, aloneWith(spec, 2, 2, recompute));
    const device = await Device.compile(program);
    await device.step(filled(spec, program, device.memory, 2));
    await device.release();
    return device.memory.floats('d.model.layers.0.attention.wq.weight');
  };
  expect(distance(await gradients(false), await gradients(true))).toBeLessThan(1e-6);
});

test('half types round where they are named, on the device as in the interpreter', async () => {
  const spec = specOf({
    precision: {
      ...float32,
      compute: 'BFloat16',
      softmax: 'Float16',
      rotary: 'Float16',
      parameters: 'Float16',
      fusedNorm: false,
    },
  });
  const program = llamaProgram(spec, aloneWith(spec, 2, 1, false));
  const oracle = new ProgramMemory(program);
  const [expected] = interpretStep(oracle, filled(spec, program, oracle, 2));
  const device = await Device.compile(program);
  const [loss] = await device.step(filled(spec, program, device.memory, 2));
  const whole = specOf({});
  const float32Program = llamaProgram(whole, aloneWith(whole, 2, 1, false));
  const memory = new ProgramMemory(float32Program);
  const [unrounded] = interpretStep(memory, filled(whole, float32Program, memory, 2));
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
