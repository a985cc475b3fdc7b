import type { ProgramMemory } from '@cairn/graph';
import { causalTable, initialValues, rotaryTables } from '@cairn/model';
import type { LlamaSpec, ModelParameter } from '@cairn/model';
import { decays, inOptimizerOrder, initialLossScale } from '@cairn/optim';
import type { LossScaleSpec, LossScaleState, TrainedParameter } from '@cairn/optim';

/** A parameter of the model with its values on the device and its optimizer state. */
interface RankParameter extends TrainedParameter {
  readonly model: ModelParameter;
}

/** What training changes on a rank beside the values in `parameters`. */
interface RankProgress {
  /** Updates applied. */
  globalStep: number;
  lossScale: LossScaleState;
}

/** Everything a rank trains: parameters in the optimizer's order, and how far it is. */
export interface RankState {
  readonly spec: LlamaSpec;
  readonly parameters: readonly RankParameter[];
  readonly progress: RankProgress;
}

/** The state before training, values and states still zero; the tables of the program are filled. */
export function rankState(
  spec: LlamaSpec,
  memory: ProgramMemory,
  parameters: readonly ModelParameter[],
  lossScale: LossScaleSpec,
): RankState {
  const { cos, sin } = rotaryTables(spec);
  memory.fill(
    new Map([
      ['cos', cos],
      ['sin', sin],
      ['causal', causalTable(spec.seqLength)],
    ]),
  );
  return {
    spec,
    parameters: inOptimizerOrder(parameters).map((model) => rankParameter(model, memory)),
    progress: { globalStep: 0, lossScale: initialLossScale(lossScale) },
  };
}

function rankParameter(model: ModelParameter, memory: ProgramMemory): RankParameter {
  const values = memory.floats(model.name);
  return {
    model,
    name: model.name,
    dtype: model.dtype,
    decays: decays(model.name, model.shape),
    values,
    gradient: memory.floats(`d.${model.name}`),
    m: new Float32Array(values.length),
    v: new Float32Array(values.length),
  };
}

/** Fills the parameters with fresh values. */
export function initialise({ spec, parameters }: RankState, seed: number): void {
  for (const { model, values } of parameters) {
    values.set(
      initialValues(
        spec,
        model,
        model.shape.map((size) => [0, size] as const),
        seed,
      ),
    );
  }
}
