import type { Command } from '@commander-js/extra-typings';

const EXAMPLES = `
Flags are those of run_mindformer.py; any other key as --a.b.c VALUE or --options a.b.c=VALUE.

  cairn run --config train.yaml
  cairn run --config train.yaml --load_checkpoint ./output/checkpoint --resume_training True
  cairn run --config train.yaml --json --options runner_config.epochs=2`;

/** cairn run: the twin of run_mindformer.py. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('trains or fine-tunes a model as a MindFormers YAML says')
    .usage('--config FILE [flags of run_mindformer.py] [--json] [--quiet] [--no-color] [--all-ranks]')
    .argument('[flags...]')
    .allowUnknownOption()
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action(async (flags: string[]) => {
      const { runCommand } = await import('./run-action.ts');
      process.exitCode = await runCommand(flags);
    });
}
