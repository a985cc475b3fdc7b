import { coordinatesOf } from '@cairn/strategy';
import type { ParallelSpec } from '@cairn/strategy';
import type { LlamaSpec } from './llama.ts';
import { ModelError } from './llama.ts';
import { cutsOf } from './parameter-layouts.ts';
import { parametersOf } from './parameters.ts';
import type { RankPlace } from './rank-place.ts';
import type { RankShare } from './rank-share.ts';
import { WHOLE } from './rank-share.ts';
import { layersOfStage } from './stage-layers.ts';

/** How a step is divided on each rank, and what it keeps. */
export type StepDivision = Pick<RankPlace, 'rows' | 'units' | 'recompute'>;

/**
 * The place of a rank of a world.
 *
 * @param stageOfLayer stage of every layer, ascending
 * @throws ModelError when the tokens of a unit do not divide as they should
 */
export function placeOfRank(
  spec: LlamaSpec,
  parallel: ParallelSpec,
  rank: number,
  stageOfLayer: readonly number[],
  division: StepDivision,
): RankPlace {
  const { modelParallel, contextParallel, stages } = parallel;
  const { stage, context, model } = coordinatesOf(parallel, rank);
  const tensor = { rank: model, size: modelParallel };
  const both = { rank: context * modelParallel + model, size: contextParallel * modelParallel };
  const vocabularyShare = (place: 'first' | 'last', share: RankShare): RankShare => {
    const parameter = parametersOf(spec).find((each) => each.vocabulary && each.place === place);
    return parameter === undefined || cutsOf(parameter, parallel) === 1 ? WHOLE : share;
  };
  const embedding = vocabularyShare('first', both);
  const head = spec.tiedEmbedding ? embedding : vocabularyShare('last', tensor);
  if (spec.tiedEmbedding && head.size > modelParallel) {
    throw new ModelError('a tied embedding is not run with context_parallel: its vocabulary would be cut twice', [
      'parallel_config',
      'context_parallel',
    ]);
  }
  const sequence = parallel.sequenceParallel && modelParallel > 1;
  const tokens = (division.rows * spec.seqLength) / contextParallel;
  if (sequence && tokens % modelParallel !== 0) {
    throw new ModelError(`${tokens} tokens do not divide among ${modelParallel} ranks`, [
      'parallel_config',
      'use_seq_parallel',
    ]);
  }
  const layers = layersOfStage(stageOfLayer, stage);
  if (layers.at(-1) !== layers.length - 1 + (layers[0] ?? 0)) {
    throw new ModelError('layers in groups that take turns (pp_interleave_num) are laid out, but not run', [
      'model',
      'model_config',
      'pp_interleave_num',
    ]);
  }
  const contextShare = { rank: context, size: contextParallel };
  return { stage, stages, layers, tensor, context: contextShare, sequence, embedding, head, ...division };
}
