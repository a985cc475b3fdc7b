import { elementBytes, elementCount } from '@cairn/bytes';
import { replicated, stageSize } from '@cairn/strategy';
import type { Layout, ParallelSpec } from '@cairn/strategy';
import type { LlamaSpec } from './llama.ts';
import { ModelError } from './llama.ts';
import type { ModelParameter } from './parameters.ts';

/**
 * How a parameter, and with it each of its optimizer states, lies on the ranks of a stage (mindformers-behaviour §9.2, 9.3).
 *
 * Devices are [data · context, model], those of size one left out as MindSpore does; the embedding's are
 * [data, context · model].
 */
export function parameterLayout(parameter: ModelParameter, spec: LlamaSpec, parallel: ParallelSpec): Layout {
  const { modelAxis, shape } = parameter;
  const cuts = cutsOf(parameter, parallel);
  const replicas = stageSize(parallel) / cuts;
  const deviceMatrix = devices([stageSize(parallel) / columns(parameter, parallel), columns(parameter, parallel)]);
  const whole = replicated(shape.length, deviceMatrix);
  const cut = { ...whole, tensorMap: shape.map((_, axis) => (axis === modelAxis && cuts > 1 ? 0 : -1)) };
  const shards = shardsOf(parameter, spec, parallel);
  if (shards === null) return cut;
  // -1 stays -1 in a file: all replicas; the step is the distance between two replicas.
  return {
    ...cut,
    optimizerShardSize: shards === -1 ? -1 : Math.min(shards, replicas),
    optimizerShardStep: cuts,
  };
}

/**
 * The stages that hold a parameter, ascending. A tied embedding is held by the first and the last.
 *
 * @param stageOfLayer stage of every layer
 */
export function stagesOfParameter(
  { place }: ModelParameter,
  spec: LlamaSpec,
  stageOfLayer: readonly number[],
  stages: number,
): readonly number[] {
  const last = stages - 1;
  if (place === 'first') return spec.tiedEmbedding && last > 0 ? [0, last] : [0];
  return [place === 'last' ? last : stageOfLayer[place]!];
}

/**
 * Checks what the cuts need of the model's sizes (mindformers-behaviour §9.1).
 *
 * @throws ModelError naming the key of `parallel_config` at fault
 */
export function checkCuts(spec: LlamaSpec, { modelParallel, contextParallel }: ParallelSpec): void {
  const sizes = {
    heads: spec.heads,
    'key/value heads': spec.kvHeads,
    hidden_size: spec.hidden,
    intermediate_size: spec.ffn,
  };
  for (const [what, size] of Object.entries(sizes)) {
    if (size % modelParallel !== 0)
      throw new ModelError(`${size} ${what} cannot be cut into ${modelParallel}: take a divisor`, [
        'parallel_config',
        'model_parallel',
      ]);
  }
  if (spec.seqLength % contextParallel !== 0)
    throw new ModelError(`${spec.seqLength} tokens cannot be cut into ${contextParallel}: take a divisor`, [
      'parallel_config',
      'context_parallel',
    ]);
}

/** Size of the device dimension on the right, along which this kind of parameter is cut. */
function columns({ vocabulary, place }: ModelParameter, { modelParallel, contextParallel }: ParallelSpec): number {
  return vocabulary && place === 'first' ? contextParallel * modelParallel : modelParallel;
}

/** Pieces a parameter is cut into by the model: those of the vocabulary fall back to whole. */
export function cutsOf(parameter: ModelParameter, parallel: ParallelSpec): number {
  const { modelAxis, shape, vocabulary } = parameter;
  if (modelAxis === null) return 1;
  const pieces = columns(parameter, parallel);
  const whole = vocabulary && (parallel.vocabularyWhole || shape[modelAxis]! % pieces !== 0);
  return whole ? 1 : pieces;
}

/** Pieces the optimizer cuts a block into, -1 = one a replica; null when it leaves the parameter as it is. */
function shardsOf(parameter: ModelParameter, spec: LlamaSpec, parallel: ParallelSpec): number | null {
  const { optimizerShards: wanted } = parallel;
  const { shape, dtype, modelAxis } = parameter;
  const shared = spec.tiedEmbedding && parameter.place === 'first' && parallel.stages > 1;
  if (wanted === null || shared || !parameter.optimizerShards) return null;
  if (elementCount(shape) * elementBytes(dtype) < wanted.thresholdBytes) return null;
  const cuts = cutsOf(parameter, parallel);
  const replicas = stageSize(parallel) / cuts;
  if (replicas === 1) return null;
  const size = wanted.size === -1 ? replicas : Math.min(wanted.size, replicas);
  const pieces = size * (modelAxis === 0 ? cuts : 1);
  return replicas % size === 0 && shape[0]! % pieces === 0 ? wanted.size : null;
}

function devices(sizes: readonly number[]): readonly number[] {
  const several = sizes.filter((size) => size > 1);
  return several.length === 0 ? [1] : several;
}
