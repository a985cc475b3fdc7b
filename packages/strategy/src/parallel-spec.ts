import { StrategyError } from './strategy-error.ts';

/** How a run is spread over its ranks (mindformers-behaviour §9.1). */
export interface ParallelSpec {
  readonly dataParallel: number;
  /** Ranks that share each layer's weights. */
  readonly modelParallel: number;
  /** Ranks that share the tokens of a row in attention. */
  readonly contextParallel: number;
  readonly stages: number;
  /** Whether activations between the tensor-parallel parts are cut along the tokens; weights lie the same. */
  readonly sequenceParallel: boolean;
  /** Whether the vocabulary's weights are whole on every rank. */
  readonly vocabularyWhole: boolean;
  /** How the optimizer cuts weights further; null = not. */
  readonly optimizerShards: OptimizerShards | null;
}

/** How the optimizer cuts weights and their states further, along axis 0. */
export interface OptimizerShards {
  /** Bytes a whole weight must have to be cut; upstream gives them in KiB. */
  readonly thresholdBytes: number;
  /** Pieces; -1 = one for each replica. */
  readonly size: number;
}

/** The spec of a run on one rank. */
export const ALONE: ParallelSpec = {
  dataParallel: 1,
  modelParallel: 1,
  contextParallel: 1,
  stages: 1,
  sequenceParallel: false,
  vocabularyWhole: false,
  optimizerShards: null,
};

/** Where a rank stands: stage · (dp, cp, mp), the model-parallel place varying fastest. */
export interface RankCoordinates {
  readonly stage: number;
  readonly data: number;
  readonly context: number;
  readonly model: number;
  /** Rank within its stage. */
  readonly inStage: number;
}

/** Ranks of one pipeline stage. */
export function stageSize({ dataParallel, modelParallel, contextParallel }: ParallelSpec): number {
  return dataParallel * contextParallel * modelParallel;
}

/** Ranks of the run. */
export function worldSize(spec: ParallelSpec): number {
  return spec.stages * stageSize(spec);
}

/** Place of a global rank. */
export function coordinatesOf(spec: ParallelSpec, rank: number): RankCoordinates {
  const inStage = rank % stageSize(spec);
  return {
    stage: Math.floor(rank / stageSize(spec)),
    data: Math.floor(inStage / (spec.contextParallel * spec.modelParallel)),
    context: Math.floor(inStage / spec.modelParallel) % spec.contextParallel,
    model: inStage % spec.modelParallel,
    inStage,
  };
}

/** Global rank at a place. */
export function rankAt(spec: ParallelSpec, { stage, data, context, model }: Omit<RankCoordinates, 'inStage'>): number {
  return stage * stageSize(spec) + (data * spec.contextParallel + context) * spec.modelParallel + model;
}

/**
 * Checks that a run has as many ranks as its parallelism needs.
 *
 * @throws StrategyError `impossible` with the product that does not fit
 */
export function checkWorldSize(spec: ParallelSpec, ranks: number): void {
  if (worldSize(spec) === ranks) return;
  const { dataParallel, modelParallel, contextParallel, stages } = spec;
  const product = `data_parallel ${dataParallel} × model_parallel ${modelParallel} × context_parallel ${contextParallel} × pipeline_stage ${stages}`;
  throw new StrategyError('impossible', `${product} is ${worldSize(spec)} ranks, there are ${ranks}`, {
    path: ['parallel_config'],
  });
}
