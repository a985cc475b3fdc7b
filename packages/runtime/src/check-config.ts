import type { ConfigInput, ConfigIssue, RunConfig, ValidConfig } from '@cairn/config';
import { parseConfig } from '@cairn/config';
import { failureOf } from './failure-of.ts';
import { llamaSpecOf } from './settings/llama-spec.ts';
import { learningRateSpecOf, lossScaleSpecOf, optimizerSpecOf } from './settings/optimizer-settings.ts';
import { parallelSpecOf, stagesOf } from './settings/parallel-settings.ts';
import { parallelWarnings } from './settings/parallel-warnings.ts';

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
  const warnings = [
    ...result.warnings,
    ...spreadWarnings(result),
    ...found.filter(({ severity }) => severity === 'warning'),
  ];
  return { ok: errors.length === 0, errors, warnings };
}

/** What the packages that know say; each of them stops at its first finding. */
function domainIssues(valid: ValidConfig): readonly ConfigIssue[] {
  const { config } = valid;
  const sizes = { totalSteps: 1, stepsPerEpoch: 1, scaleBatch: 1 };
  const trains = config.run_mode === 'train' || config.run_mode === 'finetune';
  const checks = [
    () => spreadOf(config, trains),
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

/** The model, and where a run trains how it is spread. */
function spreadOf(config: RunConfig, trains: boolean): void {
  const parallel = parallelSpecOf(config);
  if (config.model === null) return;
  const spec = llamaSpecOf(config);
  if (trains) stagesOf(config, spec, parallel);
}

/** What does not count as it is written. */
function spreadWarnings(valid: ValidConfig): readonly ConfigIssue[] {
  return parallelWarnings(valid).map(({ path, message }) => ({
    severity: 'warning',
    code: 'rule',
    path,
    message: `${path.join('.')} ${message}`,
    place: valid.origins.locate(path),
  }));
}

function issueOf(error: unknown, { origins }: ValidConfig): ConfigIssue {
  const failure = failureOf(error);
  if (failure.exitCode === 1) throw error;
  const path = failure.place.path ?? [];
  const severity = failure.code === 'unsupported' ? 'warning' : 'error';
  const message = `${path.join('.')}: ${failure.message}`;
  return { severity, code: 'rule', path, message, place: origins.locate(path) };
}
