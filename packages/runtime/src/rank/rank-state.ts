import { elementCount } from '@cairn/bytes';
import type { Box } from '@cairn/bytes';
import type { Group } from '@cairn/collectives';
import type { ProgramMemory } from '@cairn/graph';
import { initialValues, parameterLayout } from '@cairn/model';
import type { LlamaSpec, ModelParameter } from '@cairn/model';
import { decays, initialLossScale } from '@cairn/optim';
import type { LossScaleSpec, LossScaleState, TrainedParameter } from '@cairn/optim';
import { optimizerShards, replicaGroups, sliceOf, stageSize } from '@cairn/strategy';
import type { Layout } from '@cairn/strategy';
import type { RankWorld } from './rank-world.ts';

/**
 * A parameter as a rank trains it: its piece, which is what its checkpoints hold. The device has the block the piece is
 * cut from; without optimizer parallelism they are the same.
 */
export interface RankParameter extends TrainedParameter {
  readonly model: ModelParameter;
  /** Shape of the piece. */
  readonly shape: readonly number[];
  /** Where the piece lies in the full tensor. */
  readonly box: Box;
  readonly block: Float32Array;
  readonly blockGradient: Float32Array;
  /** Ranks whose pieces make up the block, in their order; null when the piece is the block. */
  readonly shards: Group | null;
  /** Whether this rank's copy of the piece counts in sums over all ranks. */
  readonly counted: boolean;
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

/**
 * The state before training, values and states still zero.
 *
 * @param parameters of this rank's stage, in the optimizer's order
 */
export function rankState(
  spec: LlamaSpec,
  memory: ProgramMemory,
  world: RankWorld,
  parameters: readonly ModelParameter[],
  lossScale: LossScaleSpec,
): RankState {
  return {
    spec,
    parameters: parameters.map((model) => rankParameter(spec, model, memory, world)),
    progress: { globalStep: 0, lossScale: initialLossScale(lossScale) },
  };
}

function rankParameter(spec: LlamaSpec, model: ModelParameter, memory: ProgramMemory, world: RankWorld): RankParameter {
  const { inStage } = world.own;
  const layout = parameterLayout(model, spec, world.parallel);
  const box = sliceOf(layout, model.shape, inStage);
  const block = memory.floats(model.name);
  const blockGradient = memory.floats(`d.${model.name}`);
  const shape = box.map(([begin, end]) => end - begin);
  const begin = rowsBefore(layout, model.shape, inStage) * elementCount(shape.slice(1));
  const piece = (whole: Float32Array): Float32Array => whole.subarray(begin, begin + elementCount(shape));
  const values = piece(block);
  return {
    model,
    name: model.name,
    dtype: model.dtype,
    decays: decays(model.name, model.shape),
    shape,
    box,
    block,
    blockGradient,
    shards: shardsOf(layout, model.shape, world),
    counted: isCounted(layout, model, spec, world),
    values,
    gradient: piece(blockGradient),
    m: new Float32Array(values.length),
    v: new Float32Array(values.length),
  };
}

function withoutShards(layout: Layout): Layout {
  return { ...layout, optimizerShardSize: 0, optimizerShardStep: 0 };
}

/** Rows of the block in front of the rank's piece. */
function rowsBefore(layout: Layout, shape: readonly number[], inStage: number): number {
  const [blockRows] = sliceOf(withoutShards(layout), shape, inStage);
  const [rows] = sliceOf(layout, shape, inStage);
  return (rows?.[0] ?? 0) - (blockRows?.[0] ?? 0);
}

/** Neighbours among the ranks that have the same block, each with the next piece. */
function shardsOf(layout: Layout, shape: readonly number[], world: RankWorld): Group | null {
  const size = optimizerShards(layout);
  if (size === 1) return null;
  const { inStage, stage } = world.own;
  const same = replicaGroups(withoutShards(layout), shape).find((ranks) => ranks.includes(inStage)) ?? [];
  const first = Math.floor(same.indexOf(inStage) / size) * size;
  return world.group(same.slice(first, first + size).map((rank) => stage * stageSize(world.parallel) + rank));
}

/** The first of the ranks that hold the same piece, on the first of the stages. */
function isCounted(layout: Layout, model: ModelParameter, spec: LlamaSpec, { parallel, own }: RankWorld): boolean {
  const tiedCopy = spec.tiedEmbedding && model.place === 'first' && own.stage > 0 && parallel.stages > 1;
  return !tiedCopy && replicaGroups(layout, model.shape).some(([first]) => first === own.inStage);
}

/** Fills the pieces with fresh values; the blocks come together by {@link gatherBlocks}. */
export function initialise({ spec, parameters }: RankState, seed: number): void {
  for (const { model, box, values } of parameters) values.set(initialValues(spec, model, box, seed));
}

/** Puts the blocks of the device together from the ranks' pieces. */
export async function gatherBlocks({ parameters }: RankState): Promise<void> {
  for (const { shards, values, block } of parameters) {
    if (shards === null) continue;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const pieces = await shards.allGather(bytes);
    const whole = new Uint8Array(block.buffer, block.byteOffset, block.byteLength);
    pieces.forEach((piece, i) => {
      if (i !== shards.rank) whole.set(piece, i * values.byteLength);
    });
  }
}
