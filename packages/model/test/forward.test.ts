import { interpretStep, ProgramMemory } from '@cairn/graph';
import { describe, expect, test } from 'vitest';
import type { LlamaSpec, Precision } from '../src/index.ts';
import {
  aloneWith,
  constantTables,
  FLOAT32,
  initialValues,
  llamaProgram,
  parametersOf,
  unitInputs,
} from '../src/index.ts';
import { naiveLosses } from './naive-llama.ts';
import type { Weights } from './naive-llama.ts';
import { tinyLlama } from './tiny-llama.ts';

/** What float32 operators and float64 loops may differ by in a loss of a few units. */
const CLOSE = 5e-6;

/** Two rows of tokens: one that ends in padding, one that begins with it and has some inside. */
const ROWS = [
  [3, 14, 15, 9, 0, 0],
  [0, 2, 6, 0, 5, 18],
];

/** Fresh weights; norms and biases, which are all alike, are stirred. */
function weightsOf(spec: LlamaSpec): Weights {
  return new Map(
    parametersOf(spec).map((parameter) => {
      const whole = parameter.shape.map((size) => [0, size] as const);
      const values = initialValues(spec, parameter, whole, 11);
      return [parameter.name, parameter.shape.length === 1 ? values.map((x, i) => x + 0.3 * Math.sin(i)) : values];
    }),
  );
}

/** The loss of each position by the program of a rank that is alone, one at a time. */
async function programLosses(spec: LlamaSpec): Promise<readonly number[]> {
  const place = aloneWith(spec, ROWS.length, 1, false);
  const memory = new ProgramMemory(llamaProgram(spec, place));
  memory.fill(constantTables(spec, place));
  memory.fill(weightsOf(spec));
  const inputs = unitInputs(spec, place, { inputIds: Int32Array.from(ROWS.flat()) }, { maskTotal: 1, share: 1 });
  const losses: number[] = [];
  for (let position = 0; position < ROWS.length * spec.seqLength; position++) {
    const lossWeights = new Float32Array(ROWS.length * spec.seqLength);
    lossWeights[position] = 1;
    const prepare = () => new Map([...inputs, ['lossWeights', lossWeights], ['d.loss', Float32Array.of(1)]]);
    losses.push(...(await interpretStep(memory, prepare)));
  }
  return losses;
}

function expectedLosses(spec: LlamaSpec): readonly number[] {
  return ROWS.flatMap((ids) => naiveLosses(spec, weightsOf(spec), ids));
}

/** The largest difference. */
function distance(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
}

test.each<[string, Partial<LlamaSpec>]>([
  ['plain', {}],
  ['grouped queries', { hidden: 12, heads: 6, kvHeads: 2 }],
  ['one key/value head for all', { heads: 3, kvHeads: 1 }],
  ['biases on queries, keys and values', { qkvBias: true }],
  ['a bias behind attention', { outputBias: true }],
  ['a tied embedding', { tiedEmbedding: true }],
  ['padding of another id', { padTokenId: 5 }],
  ['a large epsilon', { normEps: 0.5 }],
  ['everything at once', { heads: 6, kvHeads: 3, qkvBias: true, outputBias: true, tiedEmbedding: true, layers: 3 }],
])('%s: the program gives every position the loss of plain loops', async (_, changes) => {
  const spec = tinyLlama(changes);
  expect(distance(await programLosses(spec), expectedLosses(spec))).toBeLessThan(CLOSE);
});

describe('half precision', () => {
  test.each<[string, Partial<Precision>]>([
    ['compute', { compute: 'BFloat16' }],
    ['compute', { compute: 'Float16' }],
    ['the residual stream', { residual: 'BFloat16' }],
    ['norms', { layernorm: 'BFloat16' }],
    ['norms that are not fused', { layernorm: 'BFloat16', compute: 'Float16', fusedNorm: false }],
    ['softmax', { softmax: 'BFloat16' }],
    ['rotation', { rotary: 'BFloat16' }],
    ['all', { compute: 'BFloat16', residual: 'BFloat16', layernorm: 'Float16', softmax: 'Float16', rotary: 'Float16' }],
  ])('of %s rounds where plain loops round: %o', async (_, halves) => {
    const sizes = { hidden: 18, heads: 3, qkvBias: true, outputBias: true };
    const spec = tinyLlama({ ...sizes, precision: { ...FLOAT32, ...halves } });
    const expected = expectedLosses(spec);
    expect(distance(expected, expectedLosses({ ...spec, precision: FLOAT32 }))).toBeGreaterThan(1000 * CLOSE);
    expect(distance(await programLosses(spec), expected)).toBeLessThan(CLOSE);
  });
});
