import { interpretStep, ProgramMemory } from '@cairn/graph';
import { expect, test } from 'vitest';
import type { LlamaSpec, RankPlace } from '../src/index.ts';
import {
  aloneWith,
  constantTables,
  FLOAT32,
  initialValues,
  llamaProgram,
  parametersOf,
  unitInputs,
} from '../src/index.ts';
import { tinyLlama } from './tiny-llama.ts';

/** The losses and all gradients of one step. */
async function trained(spec: LlamaSpec, place: RankPlace): Promise<ReadonlyMap<string, Float32Array>> {
  const memory = new ProgramMemory(llamaProgram(spec, place));
  memory.fill(constantTables(spec, place));
  const whole = (shape: readonly number[]) => shape.map((size) => [0, size] as const);
  const parameters = parametersOf(spec);
  memory.fill(new Map(parameters.map((each) => [each.name, initialValues(spec, each, whole(each.shape), 2)])));
  const rowLength = spec.seqLength + 1;
  const losses = await interpretStep(memory, (unit) => {
    const inputIds = Int32Array.from(
      { length: place.rows * rowLength },
      (_, i) => (7 * unit + i * i) % spec.vocabulary,
    );
    return new Map([
      ...unitInputs(spec, place, { inputIds }, { maskTotal: 9, share: 1 }),
      ['d.loss', Float32Array.of(8)],
    ]);
  });
  const gradients = parameters.map(({ name }) => [name, memory.floats(`d.${name}`)] as const);
  return new Map([['losses', Float32Array.from(losses)], ...gradients]);
}

test.each<[string, Partial<LlamaSpec>]>([
  ['plain', {}],
  ['tied, grouped, with biases', { tiedEmbedding: true, heads: 6, kvHeads: 2, qkvBias: true, outputBias: true }],
  ['in half precision', { precision: { ...FLOAT32, compute: 'BFloat16', layernorm: 'Float32', fusedNorm: false } }],
])('%s: activations computed again give the same losses and gradients, bit for bit', async (_, changes) => {
  const spec = tinyLlama(changes);
  for (const [rows, units] of [
    [2, 1],
    [1, 3],
  ] as const) {
    const kept = await trained(spec, aloneWith(spec, rows, units, false));
    const again = await trained(spec, aloneWith(spec, rows, units, true));
    expect(again).toEqual(kept);
    expect([...kept.values()].every((values) => values.some((x) => x !== 0))).toBe(true);
  }
});

test('computing again keeps fewer activations', () => {
  const spec = tinyLlama({ layers: 4 });
  const bytes = (recompute: boolean): number => {
    const stage = { ...aloneWith(spec, 2, 1, recompute), stages: 2, layers: [0, 1] };
    return new ProgramMemory(llamaProgram(spec, stage)).bytesByRole().activation;
  };
  expect(bytes(true)).toBeLessThan(bytes(false) / 4);
});
