import type { Command } from '@commander-js/extra-typings';
import { addStrategyMake } from './strategy-make.ts';
import { addStrategyMerge } from './strategy-merge.ts';
import { addStrategyShow } from './strategy-show.ts';

/** cairn strategy: make, show, merge. */
export function addStrategyCommands(program: Command): void {
  const strategy = program.command('strategy').description('says how the tensors of a run lie on its ranks');
  addStrategyMake(strategy);
  addStrategyShow(strategy);
  addStrategyMerge(strategy);
}
