import type { LlamaConfig, Override } from '@cairn/config';
import { RunError } from '../run-error.ts';
import { MODEL_CONFIGS } from './model-configs.ts';
import type { ModelValues } from './model-configs.ts';

/** A model by its configuration: what `fromPretrained` gives, and a Trainer takes. Its weights come with the training. */
export interface PretrainedModel {
  /** The name it was asked for by. */
  readonly name: string;
  /** The model section of a configuration. */
  readonly overrides: readonly Override[];
}

/** Options of `fromPretrained`: any key of the model's configuration, and whether weights may be fetched. */
export type PretrainedOptions = {
  readonly [Key in Exclude<keyof LlamaConfig, 'pet_config'>]?: LlamaConfig[Key] | undefined;
} & {
  readonly download_checkpoint?: boolean | undefined;
  readonly downloadCheckpoint?: boolean | undefined;
};

/** Models by name. */
export const AutoModel: { fromPretrained(name: string, options?: PretrainedOptions): PretrainedModel } = {
  /**
   * The model of a published name, with some values changed. It starts from random weights: nothing is ever downloaded
   * (ruling 42).
   *
   * @param name e.g. "llama_7b"
   * @throws RunError exit 2 for a name that is not known
   */
  fromPretrained(name, { download_checkpoint: _snake, downloadCheckpoint: _camel, ...changes } = {}) {
    const values = Object.hasOwn(MODEL_CONFIGS, name) ? MODEL_CONFIGS[name] : undefined;
    if (values === undefined) {
      const known = Object.keys(MODEL_CONFIGS).join(', ');
      throw new RunError('model-missing', 2, `${name} is no model known by name: use one of ${known}`);
    }
    return { name, overrides: modelSection(name, { ...values, ...changes }) };
  },
};

/**
 * Models that continue a text, which is all there are.
 *
 * @alias
 */
export const AutoModelForCausalLM: typeof AutoModel = AutoModel;

function modelSection(name: string, values: ModelValues): readonly Override[] {
  const flag = `fromPretrained(${name})`;
  const set = (path: readonly string[], value: Override['value']): Override => ({
    path,
    value,
    flag,
    parents: 'create',
  });
  return [
    set(['trainer', 'model_name'], name),
    set(['model', 'arch', 'type'], 'LlamaForCausalLM'),
    set(['model', 'model_config', 'type'], 'LlamaConfig'),
    ...Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [set(['model', 'model_config', key], value)],
    ),
  ];
}
