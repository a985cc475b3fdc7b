import type { Command } from '@commander-js/extra-typings';
import { wholeNumber } from '../whole-number.ts';

const EXAMPLES = `
Of all tensors a table, alike ones of all layers in one line; of one tensor a picture: which ranks hold which part. PATH is the
strategy file of a rank, a merged one, or a folder of those of all ranks. The protobuf form holds no shapes: parts are counted
in pieces then.

  cairn strategy show output/strategy
  cairn strategy show --config finetune.yaml --tensor model.layers.0.attention.wo.weight`;

/** cairn strategy show: tables and pictures of layouts. */
export function addStrategyShow(strategy: Command): void {
  strategy
    .command('show')
    .description('shows which rank holds which part of the tensors')
    .argument('[path]', 'strategy file, or folder of strategy files')
    .option('--config <file>', 'YAML of a run instead')
    .option('--world_size <ranks>', 'number of ranks, checked against the YAML', wholeNumber(1))
    .option('--tensor <name>', 'only this one, with its parts')
    .option('--json', 'one object: {stages, stageRanks, tensors: [{name, shape, layouts}]}')
    .option('--quiet', 'no words but errors')
    .addHelpText('after', EXAMPLES)
    .action(async (path, flags) => {
      const { showCommand } = await import('./strategy-show-action.ts');
      process.exitCode = await showCommand(path, flags);
    });
}
