import type { Command } from '@commander-js/extra-typings';

/** cairn config: check, show, schema. */
export function addConfigCommands(program: Command): void {
  const config = program.command('config').description('checks, shows and describes MindFormers YAML files');
  config
    .command('check')
    .description('validates YAML files; exit code 2 when one is wrong')
    .argument('<files...>')
    .option('--json', 'one {file, ok, errors, warnings} a line')
    .addHelpText('after', '\n  cairn config check configs/llama2/*.yaml')
    .action(async (files: string[], flags: { json?: boolean }) => {
      const { checkCommand } = await import('./config-action.ts');
      process.exitCode = await checkCommand(files, flags);
    });
  config
    .command('show')
    .description('shows one YAML file with every default and where it came from')
    .usage('FILE [flags of run_mindformer.py] [--json]')
    .argument('[words...]')
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', '\n  cairn config show train.yaml --batch_size 8')
    .action(async (words: string[]) => {
      const { showCommand } = await import('./config-action.ts');
      process.exitCode = await showCommand(words);
    });
  config
    .command('schema')
    .description('prints the JSON Schema for editors')
    .addHelpText('after', '\n  cairn config schema > mindformers.schema.json')
    .action(async () => {
      const { schemaCommand } = await import('./config-action.ts');
      schemaCommand();
    });
}
