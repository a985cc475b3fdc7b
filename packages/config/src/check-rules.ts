import type { ConfigIssue, ConfigIssueCode } from './config-issue.ts';
import type { ConfigPath } from './config-value.ts';
import type { Origins } from './origins.ts';
import type { ConfigSections } from './run-config.ts';
import type { CheckpointMonitorConfig } from './sections/callbacks.ts';

/** Reports one finding at a path. */
type Report = (severity: ConfigIssue['severity'], code: ConfigIssueCode, path: ConfigPath, message: string) => void;

/** Rules between keys that need nothing but the configuration (behaviour §4.5); the others are checked where the knowledge is. */
export function checkRules(config: ConfigSections, origins: Origins): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const report: Report = (severity, code, path, message) => {
    issues.push({ severity, code, path, message, place: origins.locate(path) });
  };
  for (const [index, callback] of config.callbacks.entries()) {
    if (isMonitor(callback)) checkMonitor(callback, ['callbacks', String(index)], config, report);
  }
  checkModel(config, report);
  checkPlain(config, report);
  return issues;
}

function isMonitor(callback: ConfigSections['callbacks'][number]): callback is CheckpointMonitorConfig {
  return callback.type === 'CheckpointMonitor';
}

function checkMonitor(
  monitor: CheckpointMonitorConfig,
  path: ConfigPath,
  config: ConfigSections,
  report: Report,
): void {
  const { prefix } = monitor;
  if (prefix.includes('rank')) {
    const message = `the prefix "${prefix}" must not contain "rank": names of checkpoints get _rank_N, and are taken apart by it. Choose another prefix`;
    report('error', 'rule', [...path, 'prefix'], message);
  }
  if (prefix.includes('/')) {
    const message = `the prefix "${prefix}" must not contain "/"; the folder goes into directory or output_dir`;
    report('error', 'rule', [...path, 'prefix'], message);
  }
  if (!monitor.save_checkpoint_steps && monitor.save_checkpoint_seconds === 0) {
    const message =
      'neither save_checkpoint_steps nor save_checkpoint_seconds is set: no checkpoint will be written (upstream saves every step)';
    report('warning', 'nothing-saved', path, message);
  }
  if (monitor.remove_redundancy && monitor.checkpoint_format === 'ckpt' && config.use_legacy) {
    const message = 'remove_redundancy needs checkpoint_format: safetensors; .ckpt files cannot say what they left out';
    report('error', 'rule', [...path, 'remove_redundancy'], message);
  }
}

/** Classes that are built from a LlamaConfig the way Cairn builds a model. */
const ARCHITECTURES: ReadonlySet<string> = new Set([
  'LlamaForCausalLM',
  'LlamaForCausalLMWithLora',
  'ParallelLlamaForCausalLM',
]);

function checkModel({ model, moe_config }: ConfigSections, report: Report): void {
  if (model === null) return;
  if (!ARCHITECTURES.has(model.arch.type)) {
    const message = `Cairn runs LlamaForCausalLM only, so a run will refuse model.arch.type ${model.arch.type}`;
    report('warning', 'model-unsupported', ['model', 'arch', 'type'], message);
  }
  if (moe_config.expert_num > 1) {
    const message = `moe_config.expert_num is ${moe_config.expert_num}: Cairn has no mixture of experts, so a run will refuse it; 1 is a plain model`;
    report('warning', 'experts-unsupported', ['moe_config', 'expert_num'], message);
  }
}

function checkPlain(config: ConfigSections, report: Report): void {
  const { parallel, npu_num_per_node: perNode } = config;
  if (config.lr_schedule === null && (config.run_mode === 'train' || config.run_mode === 'finetune')) {
    const message = `there is no lr_schedule, so the learning rate stays at ${config.optimizer.learning_rate} (r1.5 and later would use a cosine from 5e-5)`;
    report('warning', 'rule', ['optimizer', 'learning_rate'], message);
  }
  if (parallel.auto_pipeline) {
    report(
      'error',
      'rule',
      ['parallel', 'auto_pipeline'],
      'parallel.auto_pipeline must be False; set parallel_config.pipeline_stage',
    );
  }
  if (perNode !== null && !Number.isInteger(Math.log2(perNode))) {
    report('error', 'rule', ['npu_num_per_node'], `npu_num_per_node must be a power of two; found ${perNode}`);
  }
}
