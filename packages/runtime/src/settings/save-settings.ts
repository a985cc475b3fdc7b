import type { CheckpointMonitorConfig, RunConfig } from '@cairn/config';
import type { RetentionPolicy, SavePolicy } from '@cairn/resume';

/** Where and when checkpoints are written; null when the configuration has no CheckpointMonitor. */
export interface SaveSettings {
  readonly prefix: string;
  /** Folder above `checkpoint/` and `checkpoint_network/`. */
  readonly folder: string;
  readonly format: 'ckpt' | 'safetensors';
  readonly policy: SavePolicy;
  readonly retention: RetentionPolicy;
  /** Whether the weights alone are saved too. */
  readonly network: boolean;
  /** Whether saves are written while training goes on. */
  readonly inBackground: boolean;
  /** Whether what several ranks have alike is stored by one of them. */
  readonly reduced: boolean;
  readonly monitor: CheckpointMonitorConfig;
}

/** The first CheckpointMonitor counts; `append_info` adds nothing that is not saved anyway. */
export function saveSettingsOf(config: RunConfig, ranks = 1): SaveSettings | null {
  const monitor = config.callbacks.find(
    (callback): callback is CheckpointMonitorConfig => callback.type === 'CheckpointMonitor',
  );
  if (monitor === undefined) return null;
  return {
    prefix: monitor.prefix,
    folder: monitor.directory ?? config.output_dir,
    // Models of the new kind save nothing else (mindformers-behaviour §1.1).
    format: config.use_legacy ? monitor.checkpoint_format : 'safetensors',
    policy: { everySteps: monitor.save_checkpoint_steps, everySeconds: monitor.save_checkpoint_seconds },
    retention: { most: monitor.keep_checkpoint_max, onePerMinutes: monitor.keep_checkpoint_per_n_minutes },
    network: monitor.save_network_params || monitor.save_trainable_params,
    inBackground: monitor.async_save !== false,
    reduced: monitor.remove_redundancy && ranks > 1,
    monitor,
  };
}

/** Folders beside `checkpoint` that the weights alone are saved to. */
export function weightFoldersOf({ monitor }: SaveSettings): readonly string[] {
  return [
    ...(monitor.save_network_params ? ['checkpoint_network'] : []),
    ...(monitor.save_trainable_params ? ['checkpoint_trainable'] : []),
  ];
}

/** Steps (or sinks) between two lines for people. */
export function printEveryOf(config: RunConfig): number {
  const monitor = config.callbacks.find((callback) => callback.type === 'MFLossMonitor');
  return monitor && 'per_print_times' in monitor ? monitor.per_print_times : 1;
}
