import type { Command } from '@commander-js/extra-typings';
import { Option } from '@commander-js/extra-typings';
import { wholeNumber } from '../whole-number.ts';

const EXAMPLES = `
Makes what a run with only_save_strategy: True makes, without its ranks; use_parallel counts as True. With several pipeline
stages the merged file is made too.

  cairn strategy make --config finetune.yaml --output output/strategy
  cairn strategy make --config finetune.yaml --rank 0 --format json`;

/** cairn strategy make: strategy files of a configuration. */
export function addStrategyMake(strategy: Command): void {
  strategy
    .command('make')
    .description('writes the strategy files of a configuration, without a device')
    .requiredOption('--config <file>', 'YAML of the run')
    .option('--output <folder>', 'where the files go', 'output/strategy')
    .option('--rank <rank>', 'the file of this rank only', wholeNumber(0))
    .option('--world_size <ranks>', 'number of ranks, checked against the YAML', wholeNumber(1))
    .addOption(
      new Option('--format <form>', 'protobuf or JSON').choices(['pb', 'json'] as const).default('pb' as const),
    )
    .option('--json', 'one object: {folder, worldSize, files}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (flags) => {
      const { makeCommand } = await import('./strategy-make-action.ts');
      process.exitCode = await makeCommand(flags);
    });
}
