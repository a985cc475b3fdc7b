import type { ConfigNode } from '../config-node.ts';
import { nodeAt } from '../config-node.ts';
import type { Keys, Refusal } from '../keys/key.ts';
import { key, section } from '../keys/key.ts';
import { text } from '../keys/leaf.ts';
import type { LlamaConfig } from './model.ts';
import { llamaKeys } from './model.ts';

/** The model of a run. */
export interface ModelConfig {
  readonly model_config: LlamaConfig;
  readonly arch: ArchConfig;
}

/** The class that is built from the model_config. */
export interface ArchConfig {
  readonly type: string;
}

/** How the model section is read, when {@link refuseModel} has nothing against it. */
export const modelKeys: Keys<ModelConfig> = {
  model_config: section('Hyper-parameters.', llamaKeys, { why: 'LlamaConfig constructor' }),
  arch: section<ArchConfig>('The class that is built from them.', {
    type: key(text, 'LlamaForCausalLM', 'Class of the model.'),
  }),
};

/** Keys of model_config by which configurations of other model families name themselves. */
const OTHER_FAMILIES = ['model_type', 'architectures'];

/** Why Cairn cannot train the model a section describes; null for LlamaConfig, named or not named otherwise. */
export function refuseModel(node: ConfigNode): Refusal | null {
  if (node.kind !== 'map') return null;
  const config = node.entries.get('model_config');
  if (config === undefined) return refusal('has no model_config section');
  if (config.kind !== 'map') return null;
  const type = nodeAt(config, ['type']);
  if (type?.kind === 'scalar' && typeof type.value === 'string') {
    return type.value === 'LlamaConfig' ? null : refusal(`is a ${type.value}`);
  }
  const family = OTHER_FAMILIES.find((name) => config.entries.has(name));
  return family === undefined || type !== undefined ? null : refusal(`is described by ${family}`);
}

function refusal(what: string): Refusal {
  const message = `the model ${what}; Cairn runs model_config.type LlamaConfig (Llama, Qwen) only, so a run will refuse it`;
  return { code: 'model-unsupported', message };
}
