import type { Command } from '@commander-js/extra-typings';

const EXAMPLES = `
The files of the ranks lie directly in FOLDER, all in one form; an older merged file among them is passed over. OUT is JSON when
its name ends in .json. Exit code 4 when the files are of different runs, or a stage is missing.

  cairn strategy merge output/strategy output/strategy/merged_ckpt_strategy.ckpt`;

/** cairn strategy merge: the files of the ranks in one. */
export function addStrategyMerge(strategy: Command): void {
  strategy
    .command('merge')
    .description('merges the strategy files of the ranks of a run into one')
    .argument('<folder>')
    .argument('<out>')
    .option('--json', 'one object: {file, stages, stageRanks, tensors, passedOver}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (folder, out, flags) => {
      const { mergeCommand } = await import('./strategy-merge-action.ts');
      process.exitCode = await mergeCommand(folder, out, flags);
    });
}
