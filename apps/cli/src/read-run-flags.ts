import type { ConfigInput } from '@cairn/config';
import { parseRunFlags } from '@cairn/config';
import { readConfigFile } from '@cairn/runtime';
import { usageError } from './usage-error.ts';

/**
 * The configuration that flags of run_mindformer.py name.
 *
 * @throws an error of usage, exit code 2
 */
export async function readRunFlags(argv: readonly string[]): Promise<ConfigInput> {
  const parsed = parseRunFlags(argv);
  if (!parsed.ok) throw await usageError(parsed.errors.map(({ message }) => message).join('\n'));
  if (parsed.config === null) throw await usageError('--config FILE is missing: name the YAML to run');
  return { ...(await readConfigFile(parsed.config, parsed.registerPath)), overrides: parsed.overrides };
}
