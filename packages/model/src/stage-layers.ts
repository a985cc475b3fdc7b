import { ModelError } from './llama.ts';

/** How layers are given to pipeline stages where evenly is not wanted (mindformers-behaviour §9.4). */
export interface LayerSplit {
  /** Layers more or fewer than even: one number for all, one a stage, or one list a group. */
  readonly offset: number | readonly number[] | readonly (readonly number[])[];
  /** Groups of layers each stage has, which take turns. */
  readonly groups: number;
}

/** Every stage has as many layers, in one group. */
export const EVEN_SPLIT: LayerSplit = { offset: 0, groups: 1 };

/**
 * The stage of every layer.
 *
 * @returns one stage a layer, e.g. [0, 0, 1, 1]
 * @throws ModelError when the offsets do not fit the layers, or a stage would have none
 */
export function stageOfLayers(layers: number, stages: number, { offset, groups }: LayerSplit): readonly number[] {
  if (layers < stages * groups)
    throw new ModelError(`${layers} layers do not give each of ${stages * groups} parts of the pipeline one`, [
      'parallel_config',
      'pipeline_stage',
    ]);
  const offsets = offsetsOf(offset, stages, groups);
  const given = (typeof offset === 'number' ? [offset] : offset.flat()).reduce((sum, each) => sum + each, 0);
  const rest = layers % (stages * groups);
  if (given !== rest)
    throw wrongOffset(`the offsets sum to ${given}, but ${layers} layers on ${stages * groups} parts leave ${rest}`);
  const even = Math.floor(layers / (stages * groups));
  const counts = offsets.map((more) => even + more);
  const empty = counts.findIndex((count) => count < 1);
  if (empty !== -1) throw wrongOffset(`stage ${empty % stages} would have ${counts[empty]} layers`);
  return counts.flatMap((count, part) => Array<number>(count).fill(part % stages)).slice(0, layers);
}

/** Layers of one stage, ascending. */
export function layersOfStage(stageOfLayer: readonly number[], stage: number): readonly number[] {
  return [...stageOfLayer.keys()].filter((layer) => stageOfLayer[layer] === stage);
}

/** One offset a part of the pipeline, group after group. */
function offsetsOf(offset: LayerSplit['offset'], stages: number, groups: number): readonly number[] {
  if (typeof offset === 'number') return Array<number>(stages * groups).fill(offset);
  const lists = offset.map((each) => [each].flat());
  const nested = offset.some((each) => typeof each !== 'number');
  if (!nested) {
    if (offset.length !== stages) throw wrongOffset(`there are ${offset.length} offsets for ${stages} stages`);
    return Array<readonly number[]>(groups).fill(lists.flat()).flat();
  }
  if (lists.length !== groups || lists.some(({ length }) => length !== stages))
    throw wrongOffset(`${groups} lists of ${stages} offsets are needed, one list a group of layers`);
  return lists.flat();
}

function wrongOffset(message: string): ModelError {
  return new ModelError(message, ['model', 'model_config', 'offset']);
}
