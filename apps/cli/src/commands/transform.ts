import type { Command } from '@commander-js/extra-typings';
import { APPLY_HELP, PLAN_HELP, VERIFY_HELP } from '../transform/help-texts.ts';

/** cairn transform: plan, apply, verify. */
export function addTransformCommands(program: Command): void {
  const transform = program
    .command('transform')
    .description('turns a checkpoint of one parallel layout into one of another')
    .enablePositionalOptions();
  const add = (name: 'plan' | 'apply' | 'verify', description: string, help: string): void => {
    transform
      .command(name)
      .description(description)
      .usage('[flags or words, see below] [--json] [--quiet]')
      .argument('[words...]')
      .allowUnknownOption()
      .passThroughOptions()
      .addHelpText('after', help)
      .action(async (words: string[]) => {
        const { transformCommand } = await import('./transform-action.ts');
        process.exitCode = await transformCommand(name, words);
      });
  };
  add('plan', 'says what a transformation reads and writes', PLAN_HELP);
  add('apply', 'writes the transformed checkpoint', APPLY_HELP);
  add('verify', 'proves a transformed checkpoint', VERIFY_HELP);
}
