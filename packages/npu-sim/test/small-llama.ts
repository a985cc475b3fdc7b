import type { PrepareUnit, ProgramMemory } from '@cairn/graph';
import { constantTables, FLOAT32, initialValues, isOnStage, lossMask, parametersOf, unitInputs } from '@cairn/model';
import type { LlamaSpec, ModelParameter, RankPlace } from '@cairn/model';

export function smallLlama(changes: Partial<LlamaSpec>): LlamaSpec {
  return {
    vocabulary: 48,
    hidden: 24,
    layers: 2,
    heads: 4,
    kvHeads: 4,
    ffn: 20,
    seqLength: 8,
    normEps: 1e-5,
    theta: 10_000,
    rotaryScaling: { kind: 'none' },
    qkvBias: false,
    outputBias: false,
    tiedEmbedding: false,
    padTokenId: 0,
    ignoreTokenId: -100,
    initStd: 0.3,
    precision: FLOAT32,
    ...changes,
  };
}

/** Fills the parameters and tables of a rank. */
export function fillModel(spec: LlamaSpec, place: RankPlace, memory: ProgramMemory): void {
  memory.fill(constantTables(spec, place));
  for (const parameter of parametersOf(spec)) {
    if (!isOnStage(parameter, spec, place)) continue;
    const whole = parameter.shape.map((size) => [0, size] as const);
    const values = initialValues(spec, parameter, whole, 7).map((x, i) => x + 0.01 * Math.sin(i));
    memory.fill(new Map([[parameter.name, ownPart(parameter, place, values)]]));
  }
}

/** The slice of a parameter that a rank holds. */
export function ownPart(parameter: ModelParameter, place: RankPlace, values: Float32Array): Float32Array {
  const vocabularyShare = parameter.place === 'first' ? place.embedding : place.head;
  const { rank, size } = parameter.vocabulary ? vocabularyShare : place.tensor;
  if (parameter.modelAxis === null || size === 1) return values;
  const [rows = 1, columns = 1] = parameter.shape;
  const [own, along] = parameter.modelAxis === 0 ? [rows / size, 0] : [columns / size, 1];
  const begin = rank * own;
  return values.filter((_, i) => {
    const at = along === 0 ? Math.floor(i / (values.length / rows)) : i % columns;
    return at >= begin && at < begin + own;
  });
}

/** [rows, seq + 1] token ids, some of them padding. */
export function tokenIds(spec: LlamaSpec, rows: number): Int32Array {
  const count = rows * (spec.seqLength + 1);
  return Int32Array.from({ length: count }, (_, i) => (i % 13 === 12 ? 0 : 1 + ((i * i) % (spec.vocabulary - 1))));
}

/** What units of some rows train on, with the loss averaged over `total`; the loss scale is 64. */
export function unitsOver(spec: LlamaSpec, place: RankPlace, own: Int32Array, total = own): PrepareUnit {
  const wide = spec.seqLength + 1;
  const maskTotal = lossMask(spec, { inputIds: total }).reduce((a, b) => a + b, 0);
  return (unit) => {
    const inputIds = own.subarray(unit * place.rows * wide, (unit + 1) * place.rows * wide);
    const inputs = unitInputs(spec, place, { inputIds }, { maskTotal, share: 1 });
    return new Map([...inputs, ['d.loss', Float32Array.of(64)]]);
  };
}

/** Largest difference relative to the largest element. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [apart, most] = [0, 1e-12];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    apart = Math.max(apart, Math.abs((a[i] ?? NaN) - (b[i] ?? NaN)));
    most = Math.max(most, Math.abs(a[i] ?? 0));
  }
  return apart / most;
}
