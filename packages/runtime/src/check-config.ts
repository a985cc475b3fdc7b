import type { ConfigInput, ConfigIssue, ValidConfig } from '@cairn/config';
import { parseConfig } from '@cairn/config';
import { failureOf } from './failure-of.ts';
import { llamaSpecOf } from './settings/llama-spec.ts';
import { learningRateSpecOf, lossScaleSpecOf, optimizerSpecOf } from './settings/optimizer-settings.ts';

/** What is wrong with a configuration, everything with its place. */
export interface ConfigCheck {
  readonly ok: boolean;
  readonly errors: readonly ConfigIssue[];
  readonly warnings: readonly ConfigIssue[];
}

/**
 * Checks a configuration without touching its data: its keys and values, and what the model, the optimizer and the
 * schedule find impossible in them. What is possible but not done by Cairn is a warning; a run refuses it.
 */
export async function checkConfig(input: ConfigInput): Promise<ConfigCheck> {
  const result = await parseConfig(input);
  if (!result.ok) return result;
  const found = domainIssues(result);
  const errors = found.filter(({ severity }) => severity === 'error');
  const warnings = [...result.warnings, ...found.filter(({ severity }) => severity === 'warning')];
  return { ok: errors.length === 0, errors, warnings };
}

/** What the packages that know say; each of them stops at its first finding. */
function domainIssues(valid: ValidConfig): readonly ConfigIssue[] {
  const { config } = valid;
  const sizes = { totalSteps: 1, stepsPerEpoch: 1, scaleBatch: 1 };
  const trains = config.run_mode === 'train' || config.run_mode === 'finetune';
  const checks = [
    ...(config.model === null ? [] : [() => llamaSpecOf(config)]),
    ...(trains
      ? [() => optimizerSpecOf(config), () => lossScaleSpecOf(config), () => learningRateSpecOf(config, sizes)]
      : []),
  ];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      return [issueOf(error, valid)];
    }
  });
}

function issueOf(error: unknown, { origins }: ValidConfig): ConfigIssue {
  const failure = failureOf(error);
  if (failure.exitCode === 1) throw error;
  const path = failure.place.path ?? [];
  const severity = failure.code === 'unsupported' ? 'warning' : 'error';
  const message = `${path.join('.')}: ${failure.message}`;
  return { severity, code: 'rule', path, message, place: origins.locate(path) };
}
