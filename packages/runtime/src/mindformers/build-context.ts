import { expectConfig, parseConfig } from '@cairn/config';
import type { ContextConfig } from '@cairn/config';
import type { TrainingArguments } from './training-arguments.ts';

/**
 * Checks what the arguments say about devices and parallelism, as upstream does before it sets its devices up. Simulated
 * devices need no setting up: a Trainer makes them.
 *
 * @throws ConfigError naming every argument that does not fit
 */
export async function buildContext(args: TrainingArguments): Promise<ContextConfig> {
  const result = await parseConfig({
    name: 'TrainingArguments',
    text: '',
    overrides: args.overrides,
    env: process.env,
  });
  return expectConfig(result).config.context;
}
