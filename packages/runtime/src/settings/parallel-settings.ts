import type { ConfigPath, ConfigValue, RunConfig } from '@cairn/config';
import { checkCuts, stageOfLayers } from '@cairn/model';
import type { LayerSplit, LlamaSpec } from '@cairn/model';
import { ALONE } from '@cairn/strategy';
import type { OptimizerShards, ParallelSpec } from '@cairn/strategy';
import { RunError, unsupported } from '../run-error.ts';

const BYTES_PER_KIB = 1024;

/**
 * How a configuration spreads a run over its ranks (ruling 39): over one when `use_parallel` is off; over `parallel_config`
 * in the semi-automatic mode; over as many as there are in the data-parallel one, where upstream resets `parallel_config`.
 *
 * @param ranks number of ranks where it is known; the launch environment's when absent
 * @throws RunError when the mode is not run or numbers contradict each other
 */
export function parallelSpecOf(config: RunConfig, ranks: number | null = config.environment.rankSize): ParallelSpec {
  const { parallel, parallel_config: spread } = config;
  if (!config.use_parallel) return ALONE;
  switch (parallel.parallel_mode) {
    case 'stand_alone':
      return ALONE;
    case 'data_parallel':
      return { ...ALONE, dataParallel: ranks ?? spread.data_parallel };
    case 'semi_auto_parallel':
      return {
        dataParallel: spread.data_parallel,
        modelParallel: spread.model_parallel,
        contextParallel: spread.context_parallel,
        stages: spread.pipeline_stage,
        sequenceParallel: spread.use_seq_parallel,
        // With stages the vocabulary is always cut where it divides (ruling 39).
        vocabularyWhole: spread.vocab_emb_dp && spread.pipeline_stage === 1,
        optimizerShards: optimizerShardsOf(config),
      };
    case 'auto_parallel':
    case 'hybrid_parallel':
      throw unsupported(
        ['parallel', 'parallel_mode'],
        `${parallel.parallel_mode} is not run: use 1 (semi-automatic) or 0 (data parallel)`,
      );
  }
}

function optimizerShardsOf({ parallel, parallel_config: spread }: RunConfig): OptimizerShards | null {
  if (!(spread.optimizer_shard ?? parallel.enable_parallel_optimizer)) return null;
  const { parallel_optimizer_threshold: kib, optimizer_weight_shard_size: size } = parallel.parallel_optimizer_config;
  if (size === 0)
    throw invalid(
      ['parallel', 'parallel_optimizer_config', 'optimizer_weight_shard_size'],
      '0 ranks cannot share a state: give a number of ranks, or -1 for all copies',
    );
  return { thresholdBytes: kib * BYTES_PER_KIB, size };
}

/**
 * The stage of every layer of a model.
 *
 * @throws RunError when `model_config.offset` is no list of numbers; ModelError when it does not fit, or the sizes of the
 *         model do not divide by the cuts
 */
export function stagesOf(config: RunConfig, spec: LlamaSpec, parallel: ParallelSpec): readonly number[] {
  checkCuts(spec, parallel);
  if (parallel.stages === 1) return Array<number>(spec.layers).fill(0);
  return stageOfLayers(spec.layers, parallel.stages, layerSplitOf(config));
}

function layerSplitOf({ model, parallel }: RunConfig): LayerSplit {
  const { offset = 0, pp_interleave_num: groups = 1 } = model?.model_config ?? {};
  const interleaved = parallel.pipeline_config.pipeline_interleave;
  return { offset: typeof offset === 'number' ? offset : offsetLists(offset), groups: interleaved ? groups : 1 };
}

function offsetLists(offset: readonly ConfigValue[]): readonly number[] | readonly (readonly number[])[] {
  if (offset.every((each) => typeof each === 'number')) return offset;
  return offset.map((list) => {
    const numbers = Array.isArray(list) ? list : [];
    if (numbers.length > 0 && numbers.every((each) => typeof each === 'number')) return numbers;
    throw invalid(['model', 'model_config', 'offset'], 'give a number, a list by stage, or a list of such lists');
  });
}

function invalid(path: ConfigPath, message: string): RunError {
  return new RunError('config-invalid', 2, message, { path });
}
