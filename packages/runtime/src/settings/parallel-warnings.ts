import type { ConfigPath, ValidConfig } from '@cairn/config';

/** Something in a configuration that does not count as it is written. */
export interface ParallelWarning {
  readonly path: ConfigPath;
  readonly message: string;
}

/** What of a configuration's parallelism does not count as it is written; defaults are not warned about. */
export function parallelWarnings({ config, origins }: ValidConfig): readonly ParallelWarning[] {
  const { parallel, parallel_config: spread } = config;
  if (!config.use_parallel) return [];
  const warnings: ParallelWarning[] = [];
  const warn = (key: keyof typeof spread, message: string): void => {
    const path = ['parallel_config', key];
    if (origins.of(path).kind !== 'default') warnings.push({ path, message });
  };
  if (parallel.parallel_mode === 'data_parallel') {
    for (const key of ['model_parallel', 'context_parallel', 'pipeline_stage'] as const)
      if (spread[key] !== 1) warn(key, 'does not count in data-parallel mode: every rank has a copy of everything');
    return warnings;
  }
  if (spread.vocab_emb_dp && spread.pipeline_stage > 1)
    warn('vocab_emb_dp', 'is False with pipeline stages: the vocabulary is cut where it divides');
  if (spread.micro_batch_num > 1 && spread.pipeline_stage === 1)
    warn('micro_batch_num', 'counts as 1 without pipeline stages: use gradient_accumulation_steps');
  return warnings;
}
