import { expect } from 'vitest';
import type { ConfigInput, ConfigIssue, ConfigResult, InvalidConfig, ValidConfig } from '../src/index.ts';
import { formatIssue, parseConfig } from '../src/index.ts';

/** The smallest file with a model, so that nothing is missing. */
export const MODEL = 'model: {model_config: {type: LlamaConfig}}\n';

/** Parses text as `run.yaml`. */
export function parse(text: string, more: Partial<ConfigInput> = {}): Promise<ConfigResult> {
  return parseConfig({ name: 'run.yaml', text, ...more });
}

/** Parses text that must be right. */
export async function valid(text: string, more: Partial<ConfigInput> = {}): Promise<ValidConfig> {
  const result = await parse(text, more);
  return result.ok ? result : expect.fail(result.errors.map(formatIssue).join('\n'));
}

/** Parses text that must be wrong. */
export async function invalid(text: string, more: Partial<ConfigInput> = {}): Promise<InvalidConfig> {
  const result = await parse(text, more);
  return result.ok ? expect.fail('no error was found') : result;
}

/** `code line:column` of each issue, without those about a model that is not there. */
export function brief(issues: readonly ConfigIssue[]): string[] {
  return issues.filter(({ code }) => code !== 'model-missing').map(({ code, place }) => `${code} ${placeText(place)}`);
}

function placeText(place: ConfigIssue['place']): string {
  if (place === null) return '-';
  if ('flag' in place) return place.flag;
  return 'environment' in place ? place.environment : `${place.line}:${place.column}`;
}
