import fc from 'fast-check';
import { GraphBuilder } from '../builder.ts';
import type { Graph, Value } from '../graph.ts';
import type { CollectiveAttributes } from '../operators/collective.ts';
import type { Tensor } from '../tensor.ts';
import { operatorSteps } from './operator-steps.ts';

/** A graph, and tensors for its inputs. */
export interface GraphAndInputs {
  readonly graph: Graph;
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/** Float inputs `a` … `e`, small and even at axis 0, so that most operators apply. */
const FLOATS = { a: [2, 3], b: [3], c: [2, 1], d: [4, 2], e: [2, 2, 2] } as const;
/** Integer inputs: ids of rows or columns, all below 2. */
const IDS = { rowIds: [2], columnIds: [2, 1] } as const;
const MOST_STEPS = 12;

/**
 * Small graphs of all operators but rounding, with values that stay small, and inputs for them. Several outputs: results of
 * nodes, the same value under two names, an input.
 *
 * @param ranks how many ranks talk in the graph's collectives; 1 = there are none
 */
export function anyGraph(ranks = 1): fc.Arbitrary<GraphAndInputs> {
  const step = fc.record({ operator: fc.nat(), picks: fc.array(fc.nat(), { minLength: 3, maxLength: 3 }) });
  const steps = fc.array(step, { minLength: 1, maxLength: MOST_STEPS });
  return fc
    .record({ steps, outputs: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), inputs: anyInputs() })
    .map((drawn) => ({ graph: graphOfSteps(drawn, ranks), inputs: drawn.inputs }));
}

/** Other tensors for the inputs of {@link anyGraph}, for instance of another rank. */
export function anyInputs(): fc.Arbitrary<ReadonlyMap<string, Tensor>> {
  const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
  const numbers = (length: number) =>
    fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: length, maxLength: length });
  const floats = Object.entries(FLOATS).map(([name, shape]) =>
    numbers(count(shape)).map((data): [string, Tensor] => [name, { shape, data: Float32Array.from(data) }]),
  );
  const ids = Object.entries(IDS).map(([name, shape]) =>
    fc
      .array(fc.nat(1), { minLength: 2, maxLength: 2 })
      .map((data): [string, Tensor] => [name, { shape, data: Int32Array.from(data) }]),
  );
  return fc.tuple(...floats, ...ids).map((named) => new Map(named));
}

interface Drawn {
  readonly steps: readonly { readonly operator: number; readonly picks: readonly number[] }[];
  readonly outputs: readonly number[];
}

function graphOfSteps({ steps, outputs }: Drawn, ranks: number): Graph {
  const g = new GraphBuilder();
  const values: Value[] = Object.entries(FLOATS).map(([name, shape]) => g.input(name, shape));
  const ids = {
    row: g.input('rowIds', IDS.rowIds, 'int32'),
    column: g.input('columnIds', IDS.columnIds, 'int32'),
  };
  const applicable = [...operatorSteps, ...(ranks > 1 ? [talk(ranks), talk(ranks), talk(ranks)] : [])];
  for (const { operator, picks } of steps) {
    const [x, y] = picks.map((pick) => values[pick % values.length]!);
    const made = applicable[operator % applicable.length]!({ g, x: x!, y: y!, ids, pick: picks[2]! });
    if (made !== null) values.push(made);
  }
  return g.build(
    Object.fromEntries(outputs.map((pick, i) => [`out${i}`, values[values.length - 1 - (pick % values.length)]!])),
  );
}

/** A collective of any kind over axis 0. */
function talk(size: number): (typeof operatorSteps)[number] {
  const kinds = ['all-reduce', 'all-gather', 'reduce-scatter', 'replicate'] as const;
  return ({ g, x, pick }) => {
    const kind: CollectiveAttributes['kind'] = kinds[pick % kinds.length]!;
    if (kind === 'reduce-scatter' && (x.shape[0] ?? 0) % size !== 0) return null;
    const reduce = kind === 'all-reduce' && pick % 8 >= kinds.length ? 'max' : 'sum';
    return g.collective(x, { kind, reduce, axis: 0, group: 'model', size });
  };
}
