import type { Command } from '@commander-js/extra-typings';
import { addDataInfo } from './data-info.ts';
import { addDataText } from './data-text.ts';

/** cairn data: text, info. */
export function addDataCommands(program: Command): void {
  const data = program.command('data').description('makes MindRecord files, and looks into them');
  addDataText(data);
  addDataInfo(data);
}
