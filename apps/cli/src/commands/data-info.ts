import type { Command } from '@commander-js/extra-typings';

const EXAMPLES = `
One file stands for all files of its set, as in MindSpore. Headers and indexes are checked, of the rows only the first is
read. Exit code 4 when one is damaged.

  cairn data info train.mindrecord
  cairn data info --json train.mindrecord0`;

/** cairn data info: what MindRecord files hold. */
export function addDataInfo(data: Command): void {
  data
    .command('info')
    .description('shows what MindRecord files hold')
    .argument('<files...>', 'data files, not their .db')
    .option('--json', 'a set a line: {file, version, description, columns, rows, shards, files, first, ...}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (files, flags) => {
      const { infoCommand } = await import('./data-info-action.ts');
      process.exitCode = await infoCommand(files, flags);
    });
}
